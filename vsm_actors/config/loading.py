"""From file, environment and flags to a `Config`: every error, each with its place."""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

from vsm_actors.config.errors import ConfigurationError, Problem
from vsm_actors.config.places import Key, line_of, lines_of
from vsm_actors.config.schema import Config
from vsm_actors.config.values import Duration, parse_bind, parse_duration

PREFIX = "VSM_"

FLAGS: Mapping[str, str] = MappingProxyType(
    {
        "--data": "run.data",
        "--listen": "listen.read",
        "--ingest": "listen.write",
        "--statsd": "listen.statsd",
        "--source": "run.source",
        "--log-format": "run.log_format",
        "--log-level": "run.log_level",
    }
)
"""Command-line flags by the key that they set."""

Tree = dict[str, Any]
Locate = Callable[[Key], str]


def load(
    path: Path | None = None,
    environment: Mapping[str, str] | None = None,
    flags: Mapping[str, str] | None = None,
) -> tuple[Config, tuple[str, ...]]:
    """Return the configuration, and the environment variables that look like ours and are not.

    Args:
        path: a TOML file, or None for the defaults.
        environment: variables; ``VSM_SECTION_KEY`` wins over the file.
        flags: values by flag, as in `FLAGS`; they win over the environment.

    Raises:
        ConfigurationError: with everything that is wrong.
    """
    tree, lines = _read(path)
    names = dict(environment_names())
    ours = {name: text for name, text in (environment or {}).items() if name.startswith(PREFIX)}
    places: dict[Key, str] = {}
    for name in ours.keys() & names.keys():
        _put(tree, names[name], _value(ours[name]))
        places[names[name]] = name
    for flag, text in (flags or {}).items():
        key = tuple(FLAGS[flag].split("."))
        _put(tree, key, text)
        places[key] = flag

    def locate(key: Key) -> str:
        for length in range(len(key), 0, -1):
            if key[:length] in places:
                return places[key[:length]]
        line = line_of(lines, key)
        name = "configuration" if path is None else str(path)
        return name if line is None else f"{name}:{line}"

    problems = tuple(_problems(tree, locate))
    if problems:
        raise ConfigurationError(problems)
    return _convert(tree, Config), tuple(sorted(ours.keys() - names.keys()))


def environment_names() -> Iterator[tuple[str, Key]]:
    """Yield every environment variable that is read, with the key that it sets."""
    for section in msgspec.structs.fields(Config):
        if isinstance(section.type, type) and issubclass(section.type, msgspec.Struct):
            for field in msgspec.structs.fields(section.type):
                key = (section.name, field.encode_name)
                yield f"{PREFIX}{section.name}_{field.encode_name}".upper(), key
        else:
            yield f"{PREFIX}{section.name}".upper(), (section.name,)


def _read(path: Path | None) -> tuple[Tree, Mapping[Key, int]]:
    if path is None:
        return {}, {}
    try:
        text = path.read_text(encoding="utf-8")
        return tomllib.loads(text), lines_of(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problem = Problem(where=str(path), key="", reason=str(error))
        raise ConfigurationError((problem,)) from error


def _value(text: str) -> object:
    """Return a variable's value: a TOML value where it is one, else the text itself."""
    if not text.lstrip().startswith(("[", "{")):
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _put(tree: Tree, key: Key, value: object) -> None:
    """Set a key of the tree; a section that is no table stays, and is found wrong later."""
    *parents, last = key
    for parent in parents:
        below = tree.setdefault(str(parent), {})
        if not isinstance(below, dict):
            return
        tree = below
    tree[str(last)] = value


def _problems(tree: Tree, locate: Locate) -> Iterator[Problem]:
    """Convert every section and every key by itself, so that one error does not hide the next."""
    sections = {field.encode_name: field for field in msgspec.structs.fields(Config)}
    for name, value in tree.items():
        if name not in sections:
            yield _unknown((name,), sections, locate)
        else:
            yield from _section_problems((name,), sections[name].type, value, locate)


def _section_problems(key: Key, kind: Any, value: object, locate: Locate) -> Iterator[Problem]:  # noqa: ANN401 - a type form
    item = _item_type(kind)
    if item is not None and isinstance(value, list):
        for place, one in enumerate(value):
            yield from _section_problems((*key, place), item, one, locate)
    elif _is_struct(kind) and isinstance(value, dict):
        yield from _struct_problems(key, kind, value, locate)
    else:
        yield from _value_problem(key, kind, value, locate)


def _struct_problems(
    key: Key, kind: type[msgspec.Struct], value: Tree, locate: Locate
) -> Iterator[Problem]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for name, one in value.items():
        if name not in fields:
            yield _unknown((*key, name), fields, locate)
        else:
            yield from _section_problems((*key, name), fields[name].type, one, locate)
    for name, field in fields.items():
        if field.required and name not in value:
            yield Problem(where=locate(key), key=_dotted((*key, name)), reason="is missing")


def _value_problem(key: Key, kind: Any, value: object, locate: Locate) -> Iterator[Problem]:  # noqa: ANN401 - a type form
    try:
        _convert(value, kind)
    except msgspec.ValidationError as error:
        yield Problem(where=locate(key), key=_dotted(key), reason=str(error))


def _unknown(key: Key, known: Mapping[str, object], locate: Locate) -> Problem:
    names = ", ".join(sorted(known))
    return Problem(
        where=locate(key), key=_dotted(key), reason=f"is not known here; known are {names}"
    )


def _dotted(key: Key) -> str:
    return ".".join(str(part) for part in key)


def _is_struct(kind: Any) -> bool:  # noqa: ANN401 - a type form
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _item_type(kind: Any) -> Any:  # noqa: ANN401 - a type form
    arguments = getattr(kind, "__args__", ())
    if getattr(kind, "__origin__", None) is tuple and arguments and _is_struct(arguments[0]):
        return arguments[0]
    return None


def _convert(value: object, kind: Any) -> Any:  # noqa: ANN401 - msgspec returns what the type says
    return msgspec.convert(value, kind, dec_hook=_decode, strict=False)


def _decode(kind: type, value: object) -> object:
    if kind is Duration:
        return parse_duration(value)
    return parse_bind(value)
