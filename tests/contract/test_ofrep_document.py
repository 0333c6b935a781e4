"""What the server answers, held against the published document of OFREP 0.3.0 by schemathesis.

Two things of the document are mended first, both without which no server can fulfil it: a value can never be
exactly one of seven schemas of which the last accepts everything, and DEFAULT, a reason of OpenFeature's own
specification, is missing from its list.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as seeded

from tests.flag_server import Running, running_server
from tests.integration.test_ofrep import FLAGS

SHARED = Path(os.environ.get("ANDON_CONFORMANCE") or Path(__file__).parents[3] / "shared" / "conformance")
DOCUMENT = SHARED / "protocol" / "service" / "openapi.yaml"

pytestmark = pytest.mark.skipif(not DOCUMENT.exists(), reason=f"the published document is not at {DOCUMENT}")


def mended() -> dict[str, Any]:
    """Return the document, with its two mistakes mended."""
    document = copy.deepcopy(yaml.safe_load(DOCUMENT.read_text()))
    schemas = document["components"]["schemas"]
    properties, values = schemas["evaluationSuccess"]["allOf"]
    values["anyOf"] = values.pop("oneOf")
    properties["properties"]["reason"]["enum"].append("DEFAULT")
    items = schemas["bulkEvaluationSuccess"]["properties"]["flags"]["items"]
    items["anyOf"] = items.pop("oneOf")
    return document


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_server(tmp_path_factory.mktemp("document"), FLAGS) as running:
        yield running


@pytest.mark.parametrize("path", ["/ofrep/v1/evaluate/flags", "/ofrep/v1/evaluate/flags/{key}"])
@pytest.mark.parametrize("mode", ["positive", "negative"])
def test_every_answer_is_as_the_document_says(server: Running, path: str, mode: str) -> None:
    schemathesis = pytest.importorskip("schemathesis")
    from schemathesis import GenerationMode
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks

    schema = schemathesis.openapi.from_dict(mended())
    operation = schema[path]["POST"]
    held = [
        not_a_server_error,
        checks.status_code_conformance,
        checks.content_type_conformance,
        checks.response_headers_conformance,
        checks.response_schema_conformance,
    ]
    keys, seen = tuple(FLAGS), list[int]()

    @seeded(20261127)
    @settings(
        max_examples=30,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @_given(operation.as_strategy(generation_mode=GenerationMode(mode)))
    def holds(case: Any) -> None:
        if mode == "positive" and "{key}" in path and len(seen) % 4:
            case.path_parameters = {"key": keys[len(seen) % len(keys)]}
        response = case.call(base_url=server.address)
        seen.append(response.status_code)
        case.validate_response(response, checks=held)

    holds()
    assert (200 if mode == "positive" else 400) in seen


def _given(strategy: Any) -> Any:
    from hypothesis import given

    return given(case=strategy)
