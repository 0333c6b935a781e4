"""What somebody answers for passes, as the protected branch says it; `andon secrets` writes the line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from andon.cli.main import main
from tests.evasions import made_token
from tests.integration.gated import Gated, git, rows

TOKEN, OTHER = made_token(11), made_token(12)
NAME = ".andon-secrets.toml"


@pytest.fixture
def shop(tmp_path: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Gated:
    shop = Gated(tmp_path, monkeypatch, capsys)
    monkeypatch.setenv("ANDON_NOW", "2026-03-01T12:00:00Z")
    shop.commit("Begin", README="the shop\n")
    git(shop.root, "push", "-q", "-u", "origin", "main")
    git(shop.root, "switch", "-qc", "topic")
    return shop


def asked(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    """What `andon secrets` says to programs, with its exit code."""
    capsys.readouterr()
    code = main(["secrets", *words, "--json"])
    said = capsys.readouterr()
    return {**(json.loads(said.out) if said.out else {"error": said.err}), "code": code}


def except_it(capsys: pytest.CaptureFixture[str], path: str, *more: str) -> dict[str, Any]:
    found = asked(capsys, "scan", "--staged")["findings"]
    mark = next(f["fingerprint"] for f in found if f["path"] == path)
    words = ("except", mark, "--owner", "ann", "--reason", "made for a test", "--until", "2026-12-31")
    return asked(capsys, *words, *more)


def test_what_a_gate_shows_can_be_excepted_and_waits_visibly(
    shop: Gated, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.write("tests/key.py", f't = "{TOKEN}"\n')
    git(shop.root, "add", "-A")
    capsys.readouterr()
    main(["gate", "pre-commit"])
    shown = capsys.readouterr().out
    assert "andon secrets except --help" in shown
    found = next(word for word in shown.split() if word.startswith("secrets:"))
    assert main(["secrets", "except", found, "--reason", "made for a test", "--until", "2026-12-31"]) == 0
    assert "and not before" in capsys.readouterr().out
    assert main(["secrets", "exceptions"]) == 0
    assert "waits     github-token  tests/key.py" in capsys.readouterr().out
    assert main(["secrets", "except"]) == 2
    assert "PATH" not in capsys.readouterr().err


def to_main(shop: Gated) -> None:
    """Bring the file of exceptions to main, as a review would."""
    text = (shop.root / NAME).read_text()
    (shop.root / NAME).unlink()
    git(shop.root, "stash", "-q", "-u")
    git(shop.root, "switch", "-q", "main")
    shop.write(NAME, text)
    git(shop.root, "add", NAME)
    git(shop.root, "commit", "-qm", "Except it")
    git(shop.root, "push", "-q", "origin", "main")
    git(shop.root, "switch", "-q", "topic")
    git(shop.root, "stash", "pop", "-q")


def test_an_exception_counts_once_it_is_on_the_protected_branch(
    shop: Gated, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.write("tests/key.py", f't = "{TOKEN}"\n')
    git(shop.root, "add", "-A")
    assert rows(shop.gate("pre-commit"))["secrets"]["effect"] == "blocks"
    made = except_it(capsys, "tests/key.py")
    assert "file" in made, made
    assert (made["code"], made["file"], made["exception"]["owner"]) == (0, NAME, "ann")
    assert TOKEN not in (shop.root / NAME).read_text()
    git(shop.root, "add", "-A")
    assert rows(shop.gate("pre-commit"))["secrets"]["effect"] == "blocks"  # its own change brings it along
    git(shop.root, "reset", "-q", NAME)
    to_main(shop)
    git(shop.root, "add", "tests")
    found = rows(shop.gate("pre-commit"))["secrets"]
    assert found["effect"] == "passes"
    assert "excepted: a secret (github-token)" in found["evidence"]
    assert "by ann until 2026-12-31" in found["evidence"]
    scanned = asked(capsys, "scan", "--staged")
    assert scanned["code"] == 0
    assert [f["excepted"] for f in scanned["findings"]] == ["ann, until 2026-12-31: made for a test"]


def test_an_exception_is_for_one_value_at_one_path(shop: Gated, capsys: pytest.CaptureFixture[str]) -> None:
    shop.write("key.py", f't = "{TOKEN}"\n')
    git(shop.root, "add", "-A")
    except_it(capsys, "key.py")
    to_main(shop)
    shop.write("key.py", f't = "{TOKEN}"\nu = "{OTHER}"\n')
    shop.write("copy.py", f't = "{TOKEN}"\n')
    git(shop.root, "add", "-A")
    found = rows(shop.gate("pre-commit"))["secrets"]
    assert sorted((o["path"], o["line"]) for o in found["objections"]) == [("copy.py", 1), ("key.py", 2)]


def test_it_ends_on_its_day(
    shop: Gated, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.write("key.py", f't = "{TOKEN}"\n')
    git(shop.root, "add", "-A")
    except_it(capsys, "key.py")
    to_main(shop)
    git(shop.root, "add", "-A")
    assert rows(shop.gate("pre-commit"))["secrets"]["effect"] == "passes"
    monkeypatch.setenv("ANDON_NOW", "2027-01-01T00:00:00Z")
    found = rows(shop.gate("pre-commit"))["secrets"]
    assert found["effect"] == "blocks"
    assert f"{NAME}:5: it ended on 2026-12-31" in found["evidence"]
    assert asked(capsys, "exceptions")["code"] == 1


def test_a_server_believes_what_the_protected_branch_was(
    shop: Gated, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.write("key.py", f't = "{TOKEN}"\n')
    git(shop.root, "add", "-A")
    except_it(capsys, "key.py")
    head = shop.commit("Bring both")
    git(shop.root, "push", "-q", "origin", "topic:refs/hidden/topic")
    git(shop.remote, "update-ref", "-d", "refs/hidden/topic")  # its objects are there, as in a push
    old = git(shop.remote, "rev-parse", "main")
    for given in (f"{'0' * 40} {head} refs/heads/topic\n", f"{old} {head} refs/heads/main\n"):
        said = shop.gate("pre-receive", given=given.encode(), place=shop.remote)
        assert rows(said)["secrets"]["effect"] == "blocks"


def test_words_that_make_no_exception(shop: Gated, capsys: pytest.CaptureFixture[str]) -> None:
    shop.write("key.py", f't = "{TOKEN}"\n')
    git(shop.root, "add", "-A")
    mark = asked(capsys, "scan")["findings"][0]["fingerprint"]
    for words in (
        ("except", mark, "--reason", "x"),
        ("except", mark, "--reason", "x", "--until", "soon"),
        ("except", mark, "--reason", "x", "--until", "2028-01-01"),
        ("except", mark, "--reason", " ", "--until", "2026-12-31"),
    ):
        assert asked(capsys, *words)["code"] == 2
    assert asked(capsys, "except", "0" * 12, "--reason", "x", "--until", "2026-12-31")["code"] == 2
    assert not (shop.root / NAME).exists()


def test_scan_looks_where_it_is_told(shop: Gated, capsys: pytest.CaptureFixture[str], tmp_path: Any) -> None:
    shop.commit("Bring it", **{"key.py": f't = "{TOKEN}"\n'})
    shop.commit("Take it out", **{"key.py": "t = None\n"})
    assert asked(capsys, "scan")["code"] == 0
    for words in (("--range", "main..HEAD"), ("--history",), ("--history", "--unreachable")):
        found = asked(capsys, "scan", *words)
        assert (found["code"], [f["kind"] for f in found["findings"]]) == (1, ["github-token"]), words
    git(shop.root, "reset", "-q", "--hard", "main")
    git(shop.root, "reflog", "expire", "--expire=now", "--all")
    assert asked(capsys, "scan", "--history")["code"] == 0
    assert asked(capsys, "scan", "--history", "--unreachable")["code"] == 1
    shop.write("late.py", f't = "{TOKEN}"\n')
    (shop.root / "link").symlink_to(TOKEN)
    found = asked(capsys, "scan", ".")
    assert sorted(f["path"] for f in found["findings"]) == ["late.py", "link"]
    assert asked(capsys, "scan", "andon.toml")["code"] == 0
    assert asked(capsys, "scan", "nowhere")["code"] == 2
    assert asked(capsys, "scan", "--range", "main")["code"] == 2
    assert asked(capsys, "scan", "--staged", "--history")["code"] == 2


def test_what_another_tool_found_is_taken_in(
    shop: Gated, capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    quoted = {"startLine": 3, "snippet": {"text": TOKEN}}
    place = {"physicalLocation": {"artifactLocation": {"uri": "a.py"}, "region": quoted}}
    result = {"ruleId": "key", "message": {"text": "a key"}, "locations": [place]}
    tool = {"driver": {"name": "other"}}
    report = tmp_path / "scan.sarif"
    for level, code, tier in (("error", 1, "block"), ("warning", 0, "review")):
        runs = [{"tool": tool, "results": [{**result, "level": level}]}]
        report.write_text(json.dumps({"version": "2.1.0", "runs": runs}))
        found = asked(capsys, "scan", "--merge", str(report))
        assert (found["code"], found["findings"][0]["tier"]) == (code, tier)
        assert TOKEN not in json.dumps(found)
    report.write_text(json.dumps({"version": "2.1.0", "runs": [{"tool": tool}]}))
    assert asked(capsys, "scan", "--merge", str(report))["code"] == 3


def test_a_second_opinion_that_is_not_installed_has_not_looked(
    shop: Gated, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("andon.production.second_opinion._WORDS", {"no-such-scanner": ()})
    found = asked(capsys, "scan", "andon.toml", "--second-opinion", "no-such-scanner")
    assert found["code"] == 3
    assert asked(capsys, "scan", "andon.toml", "--second-opinion", "rm")["code"] == 2


def test_sarif_holds_no_value(shop: Gated, capsys: pytest.CaptureFixture[str], tmp_path: Any) -> None:
    shop.write("key.py", f't = "{TOKEN}"\n')
    git(shop.root, "add", "-A")
    asked(capsys, "scan", "--sarif", str(tmp_path / "out.sarif"))
    said = (tmp_path / "out.sarif").read_text()
    assert TOKEN not in said
    (result,) = json.loads(said)["runs"][0]["results"]
    assert result["level"] == "error"
