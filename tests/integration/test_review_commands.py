"""The review from the command line: a real repository, the embedded journal, a real editor on a terminal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pexpect
import pytest

from andon.cli.editing import edit_text
from andon.cli.main import main
from andon.errors import InvalidInput, Unavailable
from andon.review.incident_log import read_entries, write_entry
from tests.unit.review.story import WRITTEN

FOUNDING = Path(__file__).resolve().parents[3] / "shared" / "founding" / "incidents-execution-gears.md"
OTHERS = {
    "cause/what-broke": "The price cache was full.",
    "follow-up/remarks": "The cache is removed next week.",
}
ENTRY = {
    "symptom": "checkout answers 500 for old products",
    "root-cause": "old rows have no price",
    "incorrect-behaviour": "a missing price raised an error",
    "correct-solution": "read it with a default",
    "enforced-path": "only shop.pricing reads prices",
    "prevention-mechanism": "a test that buys an old product",
}


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with an incident that is resolved."""
    root = tmp_path / "shop"
    root.mkdir()
    subprocess.run(["git", "init", "-q", root], check=True)
    (root / "andon.toml").write_text('service = "shop"\n')
    for name in [n for n in os.environ if n.startswith(("ANDON_", "XDG_"))] + ["VISUAL", "EDITOR"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ANDON_ACTOR", "ann")
    monkeypatch.chdir(root)
    andon(
        "declare", "checkout <b>500</b> \x1b[31m", "--severity", "P1", "--no-capture", "--because", "a call"
    )
    andon("ack")
    andon("sign", "failure-resolved", "--reason", "bought one")
    andon("mitigate", "--by", "restart")
    andon("resolve", "--cause", "the price cache was full")
    return root


def andon(*words: str, expect: int = 0) -> None:
    """Give a command and check its exit code."""
    assert main(words) == expect, words


def told(capsys: pytest.CaptureFixture[str], *words: str, expect: int = 0) -> dict[str, Any]:
    """Give a command with --json and return its answer."""
    capsys.readouterr()
    andon(*words, "--json", expect=expect)
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def settings(texts: dict[str, str]) -> list[str]:
    """Return the words that set texts."""
    return [word for key, text in texts.items() for word in ("--set", f"{key}={text}")]


def test_from_the_draft_to_the_log(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    andon("postmortem", "draft")
    assert "\x1b" not in (out := capsys.readouterr().out)
    assert "lessons/went-well: nobody has written it" in out
    assert len(told(capsys, "postmortem", "lint", expect=1)["missing"]) == 7
    andon("postmortem", "publish", expect=1)
    assert "way out: andon postmortem edit" in capsys.readouterr().err
    andon("postmortem", "edit", *settings(WRITTEN | OTHERS))
    andon("postmortem", "lint")
    andon("log", "export", expect=1)
    andon("postmortem", "publish")
    (file,) = (shop / "docs/postmortems").iterdir()
    capsys.readouterr()
    andon("postmortem", "show")
    shown = capsys.readouterr().out
    assert shown.strip() == file.read_text().strip() and "\\<b\\>500\\</b\\>" in shown
    andon("log", "export")
    andon("log", "export")
    (entry,) = read_entries((shop / "INCIDENTS.md").read_text(), "INCIDENTS.md")
    assert entry.incident == "INC-1"
    (listed,) = told(capsys, "log")["entries"]
    assert (listed["incident"], listed["severity"]) == ("INC-1", "P1")
    assert told(capsys, "audit")


def test_the_follow_up_work(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    opened = told(
        capsys, "actions", "add", "alarm", "on", "the", "cache", "--owner", "bob", "--due", "2099-01-02"
    )
    assert opened["actions"][0]["title"] == "alarm on the cache"
    andon("actions")
    assert "A1  open, due 2099-01-02  bob  person  alarm on the cache" in capsys.readouterr().out
    andon("actions", "done", "A1", expect=1)
    andon("actions", "assign", "A1", "--owner", "cy")
    andon("actions", "done", "A1", "--proof", "commit 1")
    andon("actions", "drop", "A9", "--reason", "x", expect=2)
    states = [(a["id"], a["state"], a["overdue"]) for a in told(capsys, "actions", "list")["actions"]]
    assert states == [("A1", "done", False)]


def test_the_regression_log(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "docs").mkdir()
    (shop / "docs/regressions.md").write_bytes(b"# Ours\r\n\r\nKept.\r\n")
    andon("regressions", "add", "--symptom", "only this one", expect=1)
    words = [word for field, text in ENTRY.items() for word in (f"--{field}", text)]
    added = told(capsys, "regressions", "add", *words)
    assert added["entry"]["id"] == "REG-1"
    content = (shop / "docs/regressions.md").read_bytes()
    assert content.startswith(b"# Ours\r\n\r\nKept.\r\n\r\n## REG-1 - ") and content.count(
        b"\n"
    ) == content.count(b"\r\n")
    (shop / "entry.md").write_text("**Symptom:** slow for everybody\n**Author:** bob\n")
    andon("regressions", "add", "--from", "entry.md", *words[2:])
    capsys.readouterr()
    andon("regressions", "show", "2")
    assert "- **Symptom:** slow for everybody\n" in (out := capsys.readouterr().out) and "bob" in out
    andon("regressions", "show", "REG-9", expect=2)
    assert len(told(capsys, "regressions")["entries"]) == 2


def test_the_founding_entry_is_imported_without_loss(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if not FOUNDING.exists():
        pytest.skip(f"the founding document is not here: {FOUNDING}")
    answer = told(capsys, "log", "import", str(FOUNDING))
    assert [e["severity"] for e in answer["added"]] == ["P0"]
    (entry,) = read_entries(FOUNDING.read_bytes().decode(), "x")
    assert (shop / "INCIDENTS.md").read_bytes() == b"## Incident Log\n\n" + write_entry(entry).encode()
    assert told(capsys, "log", "import", str(FOUNDING))["added"] == []


def test_an_import_names_what_it_leaves_behind(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "old.md").write_text("## Incident Log\n### Sev 1: B (2026-02-02)\nx\n### Outage \x1b[31m\ny\n")
    capsys.readouterr()
    andon("log", "import", "old.md")
    out = capsys.readouterr().out
    assert "added  P0 B 2026-02-02" in out and "old.md:4: not an entry (no severity): Outage \\x1b[31m" in out
    assert "1 added to INCIDENTS.md, 0 were there, 1 not taken in" in out
    answer = told(capsys, "log", "import", "old.md")
    assert [(u["line"], u["reason"]) for u in answer["unread"]] == [(4, "no severity")]


def test_evidence_hashes_survive_redaction(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "shop.log").write_text("Traceback\n")
    andon("evidence", "add", "shop.log")
    capsys.readouterr()
    andon("postmortem", "show")
    shown = capsys.readouterr().out
    assert "| `sha256:" in shown and "redacted" not in shown


def test_editing_without_a_terminal_says_how(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    andon("postmortem", "edit", expect=2)
    assert "--set KEY=" in capsys.readouterr().err
    andon("postmortem", "edit", "--set", "nonsense", expect=2)
    andon("postmortem", "edit", "--from", "nowhere.md", expect=2)


EDITOR = """
import pathlib, sys
file = pathlib.Path(sys.argv[-1])
text = file.read_text()
assert sys.argv[1] == "two words"
file.write_text(text.replace("*TO WRITE: What helped, and should stay as it is?*", "We kept calm."))
"""


def test_an_editor_on_a_terminal(shop: Path, tmp_path: Path) -> None:
    (tmp_path / "editor.py").write_text(EDITOR)
    child = pexpect.spawn(
        sys.executable,
        ["-m", "andon", "postmortem", "edit"],
        env={
            **os.environ,
            "EDITOR": f"{sys.executable} '{tmp_path}/editor.py' 'two words'",
            "TMPDIR": str(tmp_path),
        },
        timeout=30,
        encoding="utf-8",
        dimensions=(50, 120),
    )
    child.expect("lessons/went-well written")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert not list(tmp_path.glob("INC-1-*"))


@pytest.mark.parametrize(
    ("editor", "words"),
    [
        ("/nowhere/editor", "cannot be started"),
        (f"{sys.executable} -c 'raise SystemExit(3)'", "ended with 3"),
        ("'open", "cannot be read"),
    ],
)
def test_an_editor_that_fails(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, editor: str, words: str
) -> None:
    monkeypatch.setenv("VISUAL", editor)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(Unavailable, match=words):
        edit_text("text", "INC-1", lambda text: text)


def test_what_cannot_be_taken_in_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VISUAL", f'{sys.executable} -c \'import sys; open(sys.argv[-1], "w").write("mine")\'')
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def refuse(text: str) -> str:
        raise InvalidInput("no", remedy="mend it")

    with pytest.raises(InvalidInput) as caught:
        edit_text("text", "INC-1", refuse)
    (kept,) = tmp_path.glob("INC-1-*.md")
    assert kept.read_text() == "mine"
    assert caught.value.remedy == f"mend it; your text is kept in {kept}: andon postmortem edit --from {kept}"
    assert kept.stat().st_mode & 0o077 == 0


# ---- regression memory and gears


def test_a_regression_names_its_test_and_the_check_says_what_became_of_it(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop / "tests").mkdir()
    (shop / "tests" / "test_x.py").write_text("def test_old():\n    assert 1\n")
    words = [
        part for field, text in ENTRY.items() if "mechanism" not in field for part in (f"--{field}", text)
    ]
    answer = told(capsys, "regressions", "add", *words, "--test", "tests/test_x.py::test_old")
    assert answer["entry"]["test"] == "tests/test_x.py::test_old"
    assert told(capsys, "regressions", "check")["entries"][0]["verdict"] == "passed"
    andon("regressions", "test", "1", "tests/test_x.py::test_gone")
    (state,) = told(capsys, "regressions", "check", expect=1)["entries"][0]["tests"]
    assert (state["state"], state["test"]) == ("missing", "tests/test_x.py::test_gone")
    andon("regressions", "check", expect=1)
    assert "andon regressions test REG-1" in capsys.readouterr().out
    andon("regressions", "test", "1", "../x.py::t", expect=2)
    andon("regressions", "test", "9", "tests/test_x.py::t", expect=2)


def test_the_gear_is_shown_declared_by_level_and_not_relaxed(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop / "I.md").write_text("## SHIP\n### Required\n- No secrets \x1b[31m in commits\n- Ask Bo\n")
    (shop / "andon.toml").write_text('service = "shop"\nprotocol = "I.md"\nwords = "levels"\n')
    andon("gear", "EXPLORE", expect=1)
    andon("gear", "L2", "--reason", "1.4")
    shown = capsys.readouterr().out
    assert "L2 SHIP" in shown and "\x1b" not in shown
    assert "I.md:3" in shown and "checked by: secrets" in shown and "signed by a person" in shown
    andon("gear", "BUILD", "--reason", "please", expect=1)
    andon("declare", "down", "--severity", "P0", "--no-capture")
    answer = told(capsys, "gear")
    assert (answer["gear"], answer["declared"], answer["built_in"]) == ("HOTFIX", "SHIP", True)
    assert answer["lines"] and answer["gates"]
    andon("gear", "L1", expect=1)
    andon("board", "--once")
    assert "L3 HOTFIX" in capsys.readouterr().out


def test_a_rule_is_hardened_and_relaxed(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    andon("gate", "harden", "tests-kept", expect=1)
    assert told(capsys, "gate", "harden", "tests-kept", "--reason", "thrice")["hardened"] == ["tests-kept"]
    andon("gear")
    assert "tests-kept (hardened)" in capsys.readouterr().out
    andon("gate", "relax", "tests-kept", "--reason", "moved")
    assert told(capsys, "gate", "violations") == {"violations": [], "hardened": [], "proposed": []}
    andon("gate", "harden", expect=2)


def test_the_gate_itself_proposes_to_harden_what_it_warned_of_three_times(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(3):
        assert "proposed:" not in capsys.readouterr().out
        (shop / f"link{number}").symlink_to("/etc/hostname")
        subprocess.run(["git", "-C", shop, "add", "-A"], check=True)
        main(("gate", "pre-commit"))
    assert "proposed: links-inside was violated 3 times" in capsys.readouterr().out
    answer = told(capsys, "gate", "violations", "links-inside")
    assert len(answer["violations"]) == 3 and answer["violations"][0]["by"] == "ann"
    assert answer["proposed"] == [{"rule": "links-inside", "strikes": 3}]
    andon("gate", "violations")
    assert "andon gate harden links-inside" in capsys.readouterr().out
    andon("gate", "harden", "links-inside", "--reason", "again")
    main(("gate", "pre-commit"))
    assert "a hard gate" in capsys.readouterr().out
