"""Series: label sets interned to small integers, and what is known of each by its id."""

from vsm_actors.core.series.table import Limits, Series, SeriesTable

__all__ = ["Limits", "Series", "SeriesTable"]
