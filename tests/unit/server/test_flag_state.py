"""The state directory: kept whole or not at all, and never passed over when it cannot be read."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from andon.errors import Conflict, InvalidInput, Unavailable
from andon.flags.overrides import Override
from andon.server.flag_state import Placed, State, StateDirectory, digest_of

KILL = Override(flag='a"\n', layer="kill", variant="off", operation="op", incident="INC-7")
STATE = State(version=9, definitions="d", placed=(Placed(override=KILL, version=8),))


def test_what_was_written_is_read(tmp_path: Path) -> None:
    directory = StateDirectory(str(tmp_path / "new" / "state"))
    directory.open()
    assert directory.read() == State()
    directory.write(STATE)
    assert directory.read() == STATE
    directory.close()
    assert oct((tmp_path / "new" / "state").stat().st_mode)[-3:] == "700"


def test_one_server_at_a_time(tmp_path: Path) -> None:
    first, second = StateDirectory(str(tmp_path)), StateDirectory(str(tmp_path))
    first.open()
    with pytest.raises(Conflict, match=str(os.getpid())):
        second.open()
    first.close()
    second.open()
    second.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_bit_that_fell_is_noticed(tmp_path: Path, data: st.DataObject) -> None:
    directory = StateDirectory(str(tmp_path))
    directory.write(STATE)
    path = tmp_path / "state.json"
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(bytes(content))
    try:
        assert directory.read() == STATE, "at most how it is written may differ"
    except InvalidInput as problem:
        assert problem.where == str(path) and "mv " in problem.remedy


@pytest.mark.parametrize(
    "content", [b"", b"null", b"[]", b"{}", b"\xff", b'{"format": 2, "state": {}, "sha256": ""}']
)
def test_what_is_no_state_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "state.json").write_bytes(content)
    with pytest.raises(InvalidInput):
        StateDirectory(str(tmp_path)).read()


def test_a_state_that_is_gone_is_noticed(tmp_path: Path) -> None:
    directory = StateDirectory(str(tmp_path))
    directory.write_extra("usage", {})
    with pytest.raises(InvalidInput, match="gone"):
        directory.read()


def test_what_cannot_be_kept_leaves_what_was_kept(tmp_path: Path) -> None:
    directory = StateDirectory(str(tmp_path))
    directory.write(STATE)
    (tmp_path / "state.json.new").mkdir()
    with pytest.raises(Unavailable):
        directory.write(State(version=10))
    assert directory.read() == STATE


def test_what_only_helps_is_left_out_when_it_cannot_be_read(tmp_path: Path) -> None:
    directory = StateDirectory(str(tmp_path))
    assert directory.read_extra("usage") is None
    (tmp_path / "usage.json").write_text("{")
    assert directory.read_extra("usage") is None
    directory.write_extra("usage", {"a": 1})
    assert directory.read_extra("usage") == {"a": 1}


def test_the_digest_of_a_document_does_not_depend_on_how_it_is_written() -> None:
    assert digest_of({"a": 1, "b": [1.0]}) == digest_of(json.loads('{"b": [1.0],\n "a": 1}'))
    assert digest_of({"a": 1}) != digest_of({"a": True})
