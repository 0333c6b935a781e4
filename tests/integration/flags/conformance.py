"""Public test data beside the tree, and how Gherkin scenarios are run over an evaluator.

The data are no part of the project: `../shared/conformance` or what ANDON_CONFORMANCE names.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from andon.flags.details import Details
from andon.flags.evaluator import Evaluator

ROOT = Path(__file__).parents[3]


def folder(name: str) -> Path:
    """Return a folder of the test data; skips the module where they are not."""
    found = Path(os.environ.get("ANDON_CONFORMANCE", ROOT.parent / "shared" / "conformance")) / name
    if not found.is_dir():
        pytest.skip(f"no public test data in {found}", allow_module_level=True)
    return found


class Scenario(NamedTuple):
    """One scenario with the values of its row."""

    name: str
    tags: frozenset[str]
    steps: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]


def scenarios(directory: Path, pattern: str = "*.feature") -> Iterator[Scenario]:
    """Yield every scenario of some feature files; of an outline, one for each row of its examples."""
    from gherkin import Compiler, Parser

    for path in sorted(directory.glob(pattern)):
        text = path.read_text(encoding="utf-8")
        document = Parser().parse(text)
        rows = {row["id"]: row for row in _rows(document)}
        document["uri"] = path.name
        for pickle in Compiler().compile(document):
            cells = [
                cell["value"] for node in pickle["astNodeIds"] if node in rows for cell in rows[node]["cells"]
            ]
            name = f"{path.stem}: {pickle['name']}" + (f" [{' | '.join(cells)}]" if cells else "")
            tags = frozenset(tag["name"].removeprefix("@") for tag in pickle["tags"])
            yield Scenario(name, tags, tuple((step["text"], _table(step)) for step in pickle["steps"]))


def _rows(node: Any) -> Iterator[dict[str, Any]]:
    """The rows of the examples, anywhere in a parsed document."""
    if isinstance(node, dict):
        if "tableBody" in node:
            yield from node["tableBody"]
        for value in node.values():
            yield from _rows(value)
    elif isinstance(node, list):
        for value in node:
            yield from _rows(value)


def _table(step: dict[str, Any]) -> tuple[tuple[str, ...], ...]:
    rows = step.get("argument", {}).get("dataTable", {}).get("rows", [])
    return tuple(tuple(cell["value"] for cell in row["cells"]) for row in rows)


def value(kind: str, written: str) -> Any:
    """Return what a step writes, by its type."""
    match kind.lower():
        case "boolean":
            return written.lower() == "true"
        case "integer":
            return int(written)
        case "float":
            return float(written)
        case "object":
            return json.loads(written.replace('\\"', '"'))
        case "string":
            return written
    raise AssertionError(f"no type {kind}")


class Asked:
    """What one scenario knows so far."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.kind = ""
        self.key = ""
        self.default: Any = None
        self.context: dict[str, Any] = {}
        self.details: Details | None = None

    def ask(self) -> None:
        """Evaluate both ways: they must agree."""
        name = {"float": "number"}.get(self.kind, self.kind)
        self.details = getattr(self.evaluator, f"{name}_details")(self.key, self.default, self.context)
        plain = getattr(self.evaluator, name)(self.key, self.default, self.context)
        assert plain == self.details.value
        assert type(plain) is type(self.details.value)

    def run(self, scenario: Scenario) -> None:
        """Take the steps one after another."""
        for text, table in scenario.steps:
            words = text.replace('\\"', "\0").split('"')
            quoted = [word.replace("\0", '\\"') for word in words[1::2]]
            step = STEPS.get("_".join(words[::2]))
            if step is None and "-flag with key" in text:
                kind, step = text.split("-flag")[0].removeprefix("a ").lower(), _flag
                quoted.insert(0, kind)
            assert step is not None, text
            step(self, quoted, table)


def _flag(asked: Asked, words: list[str], _: Any) -> None:
    asked.kind, asked.key = words[0], words[1]
    asked.default = value(words[0], words[2])


def _context(asked: Asked, words: list[str], _: Any) -> None:
    asked.context[words[0]] = value(words[1], words[2])


def _nested(asked: Asked, words: list[str], _: Any) -> None:
    asked.context.setdefault(words[0], {})[words[1]] = words[2]


def _targeting_key(asked: Asked, words: list[str], _: Any) -> None:
    asked.context["targetingKey"] = words[0]


def _ask(asked: Asked, _: list[str], __: Any) -> None:
    asked.ask()


def _is(read: Callable[[Details], Any]) -> Callable[[Asked, list[str], Any], None]:
    def check(asked: Asked, words: list[str], _: Any) -> None:
        assert asked.details is not None
        assert read(asked.details) == words[0]

    return check


def _value(asked: Asked, words: list[str], _: Any) -> None:
    assert asked.details is not None
    assert asked.details.value == value(asked.kind, words[0])


def _metadata(asked: Asked, _: list[str], table: tuple[tuple[str, ...], ...]) -> None:
    assert asked.details is not None
    for key, kind, written in table[1:]:
        assert asked.details.metadata[key] == value(kind, written)


def _no_metadata(asked: Asked, _: list[str], __: Any) -> None:
    assert asked.details is not None
    assert not asked.details.metadata


def _null(asked: Asked, words: list[str], _: Any) -> None:
    asked.context[words[0]] = None


def _modifiable(asked: Asked, _: list[str], __: Any) -> None:
    asked.context["email"] = "somebody@example.com"


def _unmodified(asked: Asked, _: list[str], __: Any) -> None:
    assert asked.context == {"email": "somebody@example.com"}


def _immutable(asked: Asked, _: list[str], __: Any) -> None:
    with pytest.raises(AttributeError):
        asked.details.value = "another"  # type: ignore[union-attr,misc]


def _nothing(_: Asked, __: list[str], ___: Any) -> None:
    """A step that is true of an evaluator with a set."""


STEPS: dict[str, Callable[[Asked, list[str], Any], None]] = {
    "an evaluator": _nothing,
    "a stable provider": _nothing,
    "a context containing a key _, with type _ and with value _": _context,
    "a context containing a key _ with null value": _null,
    "an evaluation context with modifiable data": _modifiable,
    "the original evaluation context should remain unmodified": _unmodified,
    "the evaluation details should be immutable": _immutable,
    "the flag key should be _": _is(lambda details: details.flag_key),
    "a context containing a nested property with outer key _ and inner key _, with value _": _nested,
    "a context containing a targeting key with value _": _targeting_key,
    "the flag was evaluated with details": _ask,
    "the resolved details value should be _": _value,
    "the reason should be _": _is(lambda details: details.reason),
    "the error-code should be _": _is(lambda details: details.error_code),
    "the variant should be _": _is(lambda details: details.variant),
    "the resolved metadata should contain": _metadata,
    "the resolved metadata is empty": _no_metadata,
}
