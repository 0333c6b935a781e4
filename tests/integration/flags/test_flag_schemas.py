"""flagd's fixtures for its JSON schemas, by the schemas and by our own judgement."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from andon.errors import InvalidInput
from andon.flags.definitions import Defect, flags_of
from andon.flags.evaluator import Evaluator
from andon.flags.reading import read_document
from tests.integration.flags.conformance import folder

BASE = folder("flagd-schemas/json")
FIXTURES = sorted((BASE / "test").glob("*/*/*.json"))
#: What the schema refuses and flagd evaluates all the same: ours is no finding either.
TAKEN = {
    "with-invalid-flag-set-metadata": "metadata of a set are passed on as they are",
    "with-array-flags": "the daemon of flagd takes a list of flags, by another schema",
    "invalid-flagd-props": "an unknown property of $flagd is null, as any other variable",
}


def validator(kind: str) -> Any:
    from jsonschema import Draft7Validator
    from referencing import Registry, Resource

    resources = []
    for name in ("flags.json", "targeting.json", "flagd.json"):
        resource = Resource.from_contents(json.loads((BASE / name).read_text()))
        # Beside a `$ref` draft 7 does not see an `$id`: what is referred to goes by its file's name.
        resources += [(name, resource), (f"./{name}", resource)]
    registry = Registry().with_resources(resources)
    schema = json.loads((BASE / f"{kind}.json").read_text())
    return Draft7Validator(schema, registry=registry)


def found(path: Path) -> tuple[Defect, ...]:
    """Return what we find wrong in a fixture; of a targeting alone, in a flag that has it."""
    content = path.read_bytes()
    if path.parts[-3] == "targeting":
        flag = b'{"state": "ENABLED", "variants": {"x": true}, "targeting": %b}' % content
        content = b'{"flags": {"f": %b}, "$evaluators": {"some-ref": true}}' % flag
    evaluator = Evaluator()
    evaluator.replace(read_document(content, path.name))
    # The variants of a fixture's targeting are not there.
    return tuple(defect for defect in evaluator.findings() if defect.rule != "targeting-variant")


@pytest.mark.parametrize("path", [pytest.param(p, id="/".join(p.parts[-3:])) for p in FIXTURES])
def test_the_schema_and_we_agree_on_a_fixture(path: Path) -> None:
    kind, sign = path.parts[-3], path.parts[-2]
    if "array" in path.stem and sign == "positive":
        kind = "flagd"  # only the daemon takes a list
    is_valid = validator(kind).is_valid(json.loads(path.read_text(encoding="utf-8")))
    assert is_valid == (sign == "positive")
    try:
        defects: tuple[Any, ...] = found(path)
    except InvalidInput as refused:
        defects = (refused,)
    is_taken = path.name.removesuffix(".json") in TAKEN
    assert bool(defects) == (not is_valid and not is_taken), defects


def test_all_fixtures_are_there() -> None:
    assert len(FIXTURES) == 36
    assert {path.stem for path in FIXTURES}.issuperset(TAKEN)


def test_flags_of_a_list_are_found_by_key() -> None:
    path = BASE / "test" / "flagd" / "positive" / "with-array-flags.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    keys = [flag["key"] for flag in document["flags"]]
    assert list(flags_of(document)) == keys
    assert list(read_document(path.read_bytes())["flags"]) == keys
