"""Routes as a table: which handler answers a method on a path, and which methods would."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from vsm_actors.http.route import Listener, Route

_NO_PARAMETERS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Match:
    """What the table says about a request.

    Attributes:
        route: who answers; None where nobody does.
        parameters: of the path, by name, percent-decoded.
        allow: methods that the path knows, sorted; empty where the path is unknown.
    """

    route: Route | None
    parameters: Mapping[str, str]
    allow: tuple[str, ...]


_UNKNOWN = Match(None, _NO_PARAMETERS, ())


@dataclass(frozen=True, slots=True)
class _Place:
    """One path template with its methods."""

    segments: tuple[str, ...]
    methods: dict[str, Route]

    def parameters(self, given: tuple[str, ...]) -> Mapping[str, str] | None:
        found = {}
        for wanted, segment in zip(self.segments, given, strict=True):
            if wanted.startswith("{"):
                if not segment:
                    return None
                found[wanted[1:-1]] = segment
            elif wanted != segment:
                return None
        return found


class Table:
    """Immutable once made; a mount swaps the whole table.

    A literal path wins over a template. HEAD is answered by GET.
    """

    def __init__(self, routes: Iterable[Route] = ()) -> None:
        """Index `routes`.

        Raises:
            ValueError: two of them answer the same method on the same path of one listener.
        """
        self._literal: dict[tuple[Listener, tuple[str, ...]], _Place] = {}
        self._templates: defaultdict[tuple[Listener, int], list[_Place]] = defaultdict(list)
        for route in routes:
            place = self._place(route)
            if place.methods.setdefault(route.method, route) is not route:
                raise ValueError(route.listener.value, route.method, route.path)

    def match(self, listener: Listener, method: str, raw_path: str) -> Match:
        """Return who answers.

        Args:
            listener: where the request came in.
            method: in upper case.
            raw_path: percent-encoded, without the query.
        """
        given = tuple(unquote(part) for part in raw_path.split("/"))
        literal = self._literal.get((listener, given))
        if literal is not None:
            return _matched(literal, method, _NO_PARAMETERS)
        for place in self._templates.get((listener, len(given)), ()):
            parameters = place.parameters(given)
            if parameters is not None:
                return _matched(place, method, parameters)
        return _UNKNOWN

    def _place(self, route: Route) -> _Place:
        segments = tuple(route.path.split("/"))
        if "{" not in route.path:
            return self._literal.setdefault((route.listener, segments), _Place(segments, {}))
        places = self._templates[route.listener, len(segments)]
        for place in places:
            if place.segments == segments:
                return place
        places.append(_Place(segments, {}))
        return places[-1]


def _matched(place: _Place, method: str, parameters: Mapping[str, str]) -> Match:
    route = place.methods.get("GET" if method == "HEAD" else method)
    known = set(place.methods) | {"OPTIONS"} | ({"HEAD"} if "GET" in place.methods else set())
    return Match(route, parameters, tuple(sorted(known)))
