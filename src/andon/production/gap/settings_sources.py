"""Where the settings of a world come from, read: files, Andon's own environment, containers, clusters.

Values are kept in memory only; what is said about them is judged in `gaps.environment`.
"""

from __future__ import annotations

import io
import json
import os
import re
import tomllib
from itertools import islice

import yaml  # type: ignore[import-untyped]
from dotenv import dotenv_values
from dotenv.parser import parse_stream

from andon.errors import InvalidInput, NotFound
from andon.gaps.environment.values import Form, form_of
from andon.production.gap.plain_file import read
from andon.production.gap.settings_tools import of_compose, of_container, of_kubernetes
from andon.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from andon.config.model_gap import WorldConfig

#: Bytes of a file of settings.
LARGEST = 4 << 20
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_STRUCTURED = {".json": "json", ".yaml": "yaml", ".yml": "yaml", ".toml": "toml"}


#: Keys of a document, and how deep it may go: references in YAML can make more of it than anybody wrote.
_KEYS, _DEEPEST = 5_000, 40
#: What a text may look like although it is one.
_PLAIN = (Form.BOOLEAN, Form.WHOLE, Form.DECIMAL, Form.COMMA)


class Settings(Record):
    """The settings of one world."""

    #: What the application gets as variables.
    variables: dict[str, str]
    #: What is only in a file that the application reads itself, by dotted keys; values as text.
    inside: dict[str, str] = {}  # noqa: RUF012 - a record's default is never changed
    #: That file, its kind (`json`, `yaml`, `toml`), its content, and the variable that names it.
    file: str = ""
    kind: str = ""
    document: object = None
    file_variable: str = ""
    #: Where this was read, as a phrase; "" when the world names no source.
    source: str = ""
    #: The command by which a person sees the same.
    command: str = ""
    problems: tuple[str, ...] = ()


def read_settings(world: WorldConfig, root: str, environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of a world, what is `set` on top; `environment` is Andon's own.

    Raises NotFound, InvalidInput with the line, and Unavailable when a tool does not answer.
    """
    found = _read(world.env, root, os.environ if environment is None else environment)
    variables = found.variables | dict(world.set)
    naming = [key for key, value in world.set if found.file and _is_same(value, world, root, found.file)]
    if not found.file:
        return _with(found, variables)
    if naming:
        inside = flat(found.document, is_typed=True)
        return _with(found, variables, inside=inside, file_variable=naming[0])
    flattened = flat(found.document)
    own = {key: value for key, value in flattened.items() if _NAME.fullmatch(key)}
    inside = {key: value for key, value in flattened.items() if key not in own}
    return _with(found, own | variables, inside=inside)


def _with(found: Settings, variables: dict[str, str], **changes: Any) -> Settings:
    return replace(found, variables=variables, **changes)


def _is_same(value: str, world: WorldConfig, root: str, file: str) -> bool:
    """True when the value of a variable is the path of the file."""
    places = (os.path.join(root, value), os.path.join(root, world.directory, value))
    return any(os.path.realpath(place) == os.path.realpath(file) for place in places)


def _read(source: str, root: str, environment: Mapping[str, str]) -> Settings:
    kind, colon, rest = source.partition(":")
    if not source:
        return Settings(variables={})
    if source.startswith("$"):
        return _of_prefix(source, environment)
    if colon and kind == "container":
        return Settings(
            variables=of_container(rest, root), source=f"container {rest}", command=f"docker inspect {rest}"
        )
    if colon and kind == "compose":
        return Settings(
            variables=of_compose(rest, root), source=f"service {rest} of the Compose project",
            command="docker compose config",
        )  # fmt: skip
    if colon and kind == "kubernetes":
        variables, problems = of_kubernetes(rest, root)
        command = f"kubectl get {rest} -o yaml"
        return Settings(variables=variables, source=rest, command=command, problems=problems)
    return _of_file(source, root)


def _of_prefix(source: str, environment: Mapping[str, str]) -> Settings:
    if not re.fullmatch(r"\$[A-Za-z_]\w*\*", source):
        raise InvalidInput(f"env = {source!r} is not understood", remedy="write $PREFIX_*, with the asterisk")
    prefix = source[1:-1]
    variables = {
        key.removeprefix(prefix): value
        for key, value in environment.items()
        if key.startswith(prefix) and len(key) > len(prefix)
    }
    if not variables:
        raise NotFound(f"no variable begins with {prefix}", remedy=f"set {prefix}NAME where Andon is started")
    return Settings(variables=variables, source=f"variables {prefix}*", command=f"env | grep ^{prefix}")


def _of_file(source: str, root: str) -> Settings:
    place = os.path.join(root, os.path.expanduser(source))
    text = _text(place, source)
    kind = _STRUCTURED.get(os.path.splitext(source)[1].lower(), "")
    if kind:
        document = _PARSERS[kind](text, source)
        if not isinstance(document, dict):
            raise InvalidInput("a table of settings is wanted", where=f"{source}:1")
        return Settings(
            variables={}, file=place, kind=kind, document=document, source=source, command=f"cat {source}"
        )
    return Settings(variables=_dotenv(text, source), source=source, command=f"cat {source}")


def _text(place: str, source: str) -> str:
    remedy = "correct env under [gap.test] or [gap.prod] in andon.toml"
    try:
        content = read(place, LARGEST + 1)
    except FileNotFoundError:
        raise NotFound(f"the settings {source} are not there", where=source, remedy=remedy) from None
    except OSError as problem:
        raise InvalidInput(f"cannot be read: {problem.strerror}", where=source, remedy=remedy) from problem
    if len(content) > LARGEST:
        raise InvalidInput(f"is larger than {LARGEST >> 20} MB", where=source, remedy=remedy)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content[: problem.start].count(b"\n") + 1
        raise InvalidInput("is not UTF-8", where=f"{source}:{line}") from None


def _dotenv(text: str, source: str) -> dict[str, str]:
    for binding in parse_stream(io.StringIO(text)):
        if binding.error:
            line = (
                binding.original.line
                + len(binding.original.string)
                - len(binding.original.string.lstrip("\r\n"))
            )
            raise InvalidInput("is no NAME=value", where=f"{source}:{line}")
    values = dotenv_values(stream=io.StringIO(text), interpolate=False)
    return {key: value for key, value in values.items() if value is not None}


def _json(text: str, source: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as problem:
        raise InvalidInput(f"is no JSON: {problem.msg}", where=f"{source}:{problem.lineno}") from None
    except (ValueError, RecursionError):
        raise InvalidInput("is no JSON", where=source) from None


def _yaml(text: str, source: str) -> object:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        where = f"{source}:{mark.line + 1}" if mark is not None else source
        raise InvalidInput("is no YAML", where=where) from None
    except (ValueError, RecursionError):
        raise InvalidInput("is no YAML that can be read", where=source) from None


def _toml(text: str, source: str) -> object:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        line = re.search(r"line (\d+)", str(problem))
        raise InvalidInput("is no TOML", where=f"{source}:{line[1]}" if line else source) from None
    except RecursionError:
        raise InvalidInput("is no TOML that can be read", where=source) from None


_PARSERS = {"json": _json, "yaml": _yaml, "toml": _toml}


def flat(document: object, *, is_typed: bool = False) -> dict[str, str]:
    """Return the plain values of a document by dotted keys, as text; list entries by their number.

    `is_typed` keeps a text that looks like a number or a boolean apart from one, by quotes.
    """
    return dict(islice(_flat(document, "", is_typed, _DEEPEST), _KEYS))


def _flat(value: object, place: str, is_typed: bool, depth: int) -> Iterator[tuple[str, str]]:
    if depth == 0:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(inner, f"{place}.{key}" if place else str(key), is_typed, depth - 1)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _flat(inner, f"{place}.{number}", is_typed, depth - 1)
    elif place:
        looks_other = is_typed and isinstance(value, str) and form_of(value.strip()) in _PLAIN
        yield place, f'"{value}"' if looks_other else as_text(value)


def as_text(value: object) -> str:
    """Return a plain value as an application would find it in a variable."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    try:
        return str(value)
    except ValueError:  # a whole number of thousands of digits
        return ""
