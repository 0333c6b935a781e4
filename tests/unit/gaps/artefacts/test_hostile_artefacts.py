"""Files that are no artefacts, or want to do harm: a problem is told, or nothing; never an exception."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

import pytest

from andon.gaps.artefacts import archive, sorting
from andon.gaps.artefacts.archive import Room
from andon.gaps.artefacts.reading import read_artefacts
from tests.unit.gaps.artefacts.recordings import RECORDED, REDACTOR, packed, unpacked, written

CASE = '<testcase classname="tests.test_a" name="{}"/>'
JUNIT = f'<testsuites><testsuite name="pytest">{CASE}</testsuite></testsuites>'


def test_no_artefact_at_all_is_a_problem_with_its_way_out(tmp_path: Path) -> None:
    beliefs = read_artefacts(["reports"], REDACTOR, root=str(tmp_path))
    assert beliefs.problems == (
        "reports: there is no such file or directory",
        "no report and no trace was found: run the suite with --trace on (pytest-playwright: --tracing on)",
    )


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "ENTRY", 1 << 20)
    bomb = packed({"0-trace.trace": b"[" * (8 << 20), "0-trace.network": b""})
    assert len(bomb) < 100_000
    beliefs = written(tmp_path, bomb__zip=bomb)
    assert "unpacks to more than 1 MiB" in beliefs.problems[0]


def test_all_archives_share_one_room() -> None:
    room = Room(1 << 20)
    read = sorting.Sorting(room=room)
    pieces = [*read.pieces(packed({f"{n}-trace.trace": b"\n" * 400_000 for n in range(4)}), "many.zip")]
    assert any("unpacks to more than" in p for piece in pieces for p in piece.problems)
    assert room.left < 400_000


def test_archives_are_opened_to_a_depth(tmp_path: Path) -> None:
    content = (RECORDED / "trace-api.zip").read_bytes()
    for _ in range(3):
        content = packed({"inner.zip": content})
    assert written(tmp_path, deep__zip=content).exchanges
    content = packed({"inner.zip": content})
    assert "nested too deep" in written(tmp_path, deep__zip=content).problems[0]


def test_too_many_entries_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "ENTRIES", 10)
    beliefs = written(tmp_path, many__zip=packed({f"{n}.trace": b"" for n in range(11)}))
    assert "it has 11 entries" in beliefs.problems[0]


@pytest.mark.parametrize(
    "content",
    [
        '<!DOCTYPE testsuites [<!ENTITY a "b"><!ENTITY c "&a;&a;">]>' + JUNIT.format("&c;"),
        '<!DOCTYPE testsuites [<!ENTITY a SYSTEM "file:///etc/hostname">]>' + JUNIT.format("x"),
        '<?xml version="1.0"?><!DOCTYPE testsuite [<!ENTITY % a SYSTEM "http://[::1]/"> %a;]><testsuite/>',
    ],
)
def test_entities_are_refused(tmp_path: Path, content: str) -> None:
    beliefs = written(tmp_path, junit__xml=content)
    assert "declares entities" in beliefs.problems[0]
    assert not beliefs.tests


def test_xml_that_is_cut_off_is_a_problem(tmp_path: Path) -> None:
    beliefs = written(tmp_path, junit__xml=JUNIT.format("x")[:-30])
    assert "no whole XML" in beliefs.problems[0]


def test_a_report_that_is_cut_off_is_a_problem(tmp_path: Path) -> None:
    whole = (RECORDED / "report.json").read_bytes()
    assert "no whole JSON" in written(tmp_path, report__json=whole[:-100]).problems[0]


@pytest.mark.parametrize(
    "content", [b"{" * 100_000, b"[" * 100_000, b'{"suites":' * 20_000, b'{"log":{"entries":7}}']
)
def test_deep_or_odd_json_is_passed_over(tmp_path: Path, content: bytes) -> None:
    assert not written(tmp_path, odd__json=content).tests


def test_a_page_without_contents_is_a_problem(tmp_path: Path) -> None:
    page = "<html><template id='playwrightReportBase64'>data:application/zip;base64,!!!</template></html>"
    assert written(tmp_path, index__html=page).problems
    page = (
        '<html><template id="playwrightReportBase64">data:application/zip;base64,UEsDBAAA</template></html>'
    )
    assert "no whole zip" in written(tmp_path, index__html=page).problems[0]


def test_suites_within_suites_without_end_are_read_in_a_loop(tmp_path: Path) -> None:
    text = '{"config":{},"suites":[' + '{"title":"a","suites":[' * 300 + "]}" * 300 + "]}"
    assert written(tmp_path, report__json=text).read


def test_links_pipes_and_unreadable_files_are_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "gone.json").symlink_to(tmp_path / "nowhere")
    (tmp_path / "empty.zip").write_bytes(b"")
    assert not read_artefacts(["."], REDACTOR, root=str(tmp_path)).tests
    assert not read_artefacts(["pipe.json"], REDACTOR, root=str(tmp_path)).tests


def test_a_large_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from andon.gaps.artefacts import reading

    monkeypatch.setattr(reading, "FILE", 1000)
    beliefs = written(tmp_path, large__zip=(RECORDED / "trace-v10.zip").read_bytes())
    assert "too large" in beliefs.problems[0]


def test_a_ci_system_s_archive_is_read_as_a_directory(tmp_path: Path) -> None:
    inside = {n: (RECORDED / n).read_bytes() for n in ("report.json", "trace-v10.zip", "make.py")}
    beliefs = written(tmp_path, artefact__zip=packed(inside))
    assert len(beliefs.tests) == 3
    assert len(beliefs.exchanges) == 6


def test_artefacts_of_another_suite_are_told_to_be(tmp_path: Path) -> None:
    (tmp_path / "other.spec.ts").write_text("")
    names = ("report.json", "trace-v10.zip")
    foreign = read_artefacts(names, REDACTOR, root=str(RECORDED), directory=str(tmp_path))
    assert "another suite's" in foreign.problems[-1]
    own = read_artefacts(names, REDACTOR, root=str(RECORDED), directory=str(RECORDED / "suite"))
    assert not [problem for problem in own.problems if "another suite" in problem]


def test_a_version_that_is_not_known_is_read_all_the_same(tmp_path: Path) -> None:
    entries = unpacked((RECORDED / "trace-v10.zip").read_bytes())
    new = {
        n: c.replace(b'"version":10', b'"version":17')
        + (b'{"type":"new","a":1}\n' if n.endswith(".trace") else b"")
        for n, c in entries.items()
    }
    beliefs = written(tmp_path, trace__zip=packed(new))
    assert beliefs.read == ("trace.zip: trace of Playwright (version 17)",)
    assert len(beliefs.exchanges) == 6


def test_an_encrypted_archive_is_a_problem(tmp_path: Path) -> None:
    content = bytearray(packed({"0-trace.trace": b'{"type":"context-options"}'}))
    content[6] |= 1  # the flag of the local header, and of the directory
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    assert zipfile.is_zipfile(tmp_path) is False
    assert "damaged" in written(tmp_path, locked__zip=bytes(content)).problems[0]


def test_statuses_of_tests_are_told_apart(tmp_path: Path) -> None:
    def spec(title: str, status: str, expected: str = "passed") -> dict[str, object]:
        return {
            "title": title,
            "file": "a.spec.ts",
            "line": 1,
            "tests": [{"status": status, "expectedStatus": expected}],
        }

    specs = [
        spec("a", "expected"),
        spec("b", "unexpected"),
        spec("c", "flaky"),
        spec("d", "expected", "failed"),
    ]
    report = {"config": {}, "suites": [{"title": "a.spec.ts", "specs": specs}]}
    beliefs = written(tmp_path, report__json=json.dumps(report))
    assert [test.outcome for test in beliefs.tests] == ["passed", "failed", "flaky", "unclear"]
