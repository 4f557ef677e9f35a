"""The metric catalogue: every family that the daemon exports, as data, in one place."""

from collections.abc import Mapping
from types import MappingProxyType

from vsm_actors.core.errors import UnknownFamilyError
from vsm_actors.core.families.model import DEFAULT_BUCKETS, QUANTILES, Family, Kind, Origin
from vsm_actors.core.families.own import OWN
from vsm_actors.core.families.readings import READINGS
from vsm_actors.core.families.sources import SOURCES

__all__ = ["DEFAULT_BUCKETS", "FAMILIES", "OWN", "QUANTILES", "Family", "Kind", "Origin", "family"]

FAMILIES: Mapping[str, Family] = MappingProxyType(
    {family.name: family for family in (*SOURCES, *READINGS, *OWN)}
)


def family(name: str) -> Family:
    """Return the family called `name`.

    Raises:
        UnknownFamilyError: the catalogue does not hold it.
    """
    try:
        return FAMILIES[name]
    except KeyError:
        raise UnknownFamilyError(name) from None
