"""docs/reference/protocol.md says what the code does: its tables are made again and compared."""

from __future__ import annotations

import pytest

from andon.protocol.compiled import PHASES, WHEN
from tests.docs.protocol_tables import PAGE, table_in, tables
from tests.unit.protocol.founding import needs_founding

REMEDY = "run: python -m tests.docs.protocol_tables"


@pytest.mark.parametrize("name", ["catalogue", "manual-kinds", "rules"])
def test_the_tables_of_the_code(name: str) -> None:
    assert table_in(PAGE.read_text(encoding="utf-8"), name) == tables()[name], REMEDY


@needs_founding
@pytest.mark.parametrize("name", ["counts", "bindings"])
def test_the_tables_of_the_founding_documents(name: str) -> None:
    table = table_in(PAGE.read_text(encoding="utf-8"), name)
    assert table == tables()[name], REMEDY
    if name == "bindings":
        assert table.count("\n| ") == 54, (
            "a head and 53 lines: no line binds differently in the other vocabulary"
        )


@pytest.mark.parametrize("word", [*PHASES, *WHEN])
def test_every_phase_and_response_is_described(word: str) -> None:
    assert f"`{word}`" in PAGE.read_text(encoding="utf-8")
