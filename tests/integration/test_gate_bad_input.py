"""What a gate does with everything a repository can be or hold: it answers, soon, or says why not."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.integration.gated import Gated, git, line, rows


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Gated:
    return Gated(tmp_path, monkeypatch, capsys)


def staged(shop: Gated) -> dict[str, dict[str, object]]:
    return rows(shop.gate("pre-commit"))


def test_an_empty_repository(shop: Gated) -> None:
    git(shop.root, "add", "-A")
    assert staged(shop)["range-known"]["evidence"] == "1 staged files"


def test_a_repository_in_which_nothing_is_staged(shop: Gated) -> None:
    assert staged(shop)["range-known"]["verdict"] == "passed"
    assert rows(shop.gate("ci"))["range-known"]["effect"] == "blocks"


def test_a_detached_head(shop: Gated) -> None:
    shop.commit()
    git(shop.root, "switch", "-q", "--detach")
    assert shop.gate("pre-commit")["changes"][0]["branch"] is None


def test_the_branch_under_a_rebase_is_known(shop: Gated) -> None:
    shop.commit(a="1\n")
    git(shop.root, "switch", "-qc", "topic")
    shop.commit(a="2\n")
    git(shop.root, "switch", "-q", "main")
    shop.commit(a="3\n")
    git(shop.root, "switch", "-q", "topic")
    git(shop.root, "rebase", "-q", "main", check=False)
    answer = shop.gate("pre-commit")
    assert answer["changes"][0]["branch"] == "topic"
    assert "not resolved" in str(rows(answer)["readable"]["evidence"])


def test_an_octopus_merge(shop: Gated) -> None:
    base = shop.commit()
    for name in "abc":
        git(shop.root, "switch", "-qc", name, base)
        shop.commit(**{name: f"{name}\n"})
    git(shop.root, "switch", "-q", "main")
    git(shop.root, "merge", "-q", "--no-edit", "a", "b", "c")
    head = git(shop.root, "rev-parse", "HEAD")
    answer = shop.gate("pre-push", "origin", "url", given=line("refs/heads/main", base, head))
    assert rows(answer)["range-known"]["evidence"].startswith("4 commits")
    assert rows(answer)["readable"]["evidence"] == "3 files, 3 lines"


def test_a_submodule_is_told_not_read(shop: Gated) -> None:
    head = shop.commit()
    git(shop.root, "update-index", "--add", "--cacheinfo", f"160000,{head},lib")
    row = staged(shop)["readable"]
    assert (
        row["verdict"] == "unknown"
        and row["effect"] == "warns"
        and "lib: a submodule" in str(row["evidence"])
    )


def test_a_file_of_100_mib(shop: Gated) -> None:
    shop.commit()
    with (shop.root / "large.bin").open("wb") as file:
        file.truncate(100 << 20)  # zeros, without writing them
    git(shop.root, "-c", "core.compression=0", "-c", "core.bigFileThreshold=1m", "add", "large.bin")
    start, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    row = staged(shop)["readable"]
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert row["verdict"] == "unknown" and "large.bin" in str(row["evidence"])
    assert time.process_time() - start < 5 and grown < 100_000, "neither read nor kept as a whole"


@pytest.mark.parametrize(
    "name", ["with space", "new\nline", "tab\tand\\backslash", "-rf", "ünïcode", "\udcff\udcfe"]
)
def test_any_name_of_a_file(shop: Gated, name: str) -> None:
    (shop.root / name).write_text("<<<<<<< mine\n")
    git(shop.root, "add", "-A")
    (objection,) = staged(shop)["conflict-markers"]["objections"]  # type: ignore[misc]
    assert objection["path"] == os.fsencode(name).decode("utf-8", "backslashreplace")
    text = shop.shown("pre-commit")
    assert "conflict-markers:" in text and "\udcff" not in text


def test_a_vendor_commit_of_10000_files(shop: Gated) -> None:
    shop.commit()
    listed = "".join(
        f"M 644 inline vendor/d{n % 100}/f{n}.py\ndata 20\nx = {n:06d}\n# vendor\n\n" for n in range(10_000)
    )
    stream = f"commit refs/heads/bulk\ncommitter M <m@example.org> 1700000000 +0000\ndata 4\nbulk\n{listed}"
    subprocess.run(["git", "fast-import", "--quiet"], cwd=shop.root, input=stream.encode(), check=True)
    git(shop.root, "read-tree", "bulk")
    start = time.process_time()
    answer = shop.gate("pre-commit")
    assert time.process_time() - start < 5
    assert rows(answer)["readable"]["evidence"] == "10001 files, 20001 lines"  # andon.toml is not in it


def test_links(shop: Gated) -> None:
    shop.write("lib/a.py", "x\n")
    shop.write("docs/b", "x\n")
    shop.commit()
    (shop.root / "inside").symlink_to("lib/a.py")
    (shop.root / "lib" / "up").symlink_to("../docs/b")
    git(shop.root, "add", "-A")
    assert staged(shop)["links-inside"]["evidence"] == "2 links lead inside"
    (shop.root / "absolute").symlink_to("/etc/passwd")
    (shop.root / "lib" / "out").symlink_to("../../x")
    (shop.root / "hooks").symlink_to(".git/hooks")
    git(shop.root, "rm", "-qr", "docs")
    (shop.root / "docs").symlink_to("lib")
    git(shop.root, "add", "-A")
    found = {o["path"]: o["text"] for o in staged(shop)["links-inside"]["objections"]}  # type: ignore[attr-defined]
    assert set(found) == {"absolute", "lib/out", "hooks", "docs"}
    assert "takes the place of a directory" in found["docs"]


def test_a_link_that_only_moves(shop: Gated) -> None:
    shop.write("lib/a.py", "x\n")
    (shop.root / "lib" / "deep").mkdir()
    (shop.root / "lib" / "deep" / "up").symlink_to("../../lib/a.py")
    shop.commit()
    git(shop.root, "mv", "lib/deep/up", "up")
    (objection,) = staged(shop)["links-inside"]["objections"]  # type: ignore[misc]
    assert objection["path"] == "up" and "out of the repository" in objection["text"]


def test_a_foreign_repository_in_the_environment(shop: Gated, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.commit()
    other = shop.place / "other"
    git(shop.place, "init", "-q", str(other))
    for name, value in (("GIT_DIR", other / ".git"), ("GIT_INDEX_FILE", other / ".git" / "index")):
        with monkeypatch.context() as patched:
            patched.setenv(name, str(value))
            answer = shop.gate("pre-commit")
        assert answer["code"] == 3
        row = rows(answer)["range-known"]
        assert "another repository" in str(row["evidence"]) and "unset" in str(row["remedy"])


def test_an_index_of_ones_own_is_the_one_that_counts(shop: Gated, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.commit()
    shop.write("a", "<<<<<<< mine\n")
    monkeypatch.setenv("GIT_INDEX_FILE", str(shop.place / "index"))
    git(shop.root, "read-tree", "HEAD")
    git(shop.root, "add", "a")
    assert staged(shop)["conflict-markers"]["verdict"] == "failed"
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert staged(shop)["conflict-markers"]["verdict"] == "passed"


@pytest.mark.parametrize("words", [("-am", "x"), ("-m", "x", "a"), ("-m", "x", "--amend", "-a")])
def test_the_index_of_the_commit_in_progress(shop: Gated, words: tuple[str, ...]) -> None:
    """`commit -a` and `commit PATH` have an index of their own, of which only git's environment knows."""
    shop.commit(a="fine\n", b="fine\n")
    said = shop.hook("pre-commit")
    shop.write("a", "<<<<<<< mine\n")
    git(shop.root, "commit", "-q", *words)
    assert rows(json.loads(said.read_text()))["conflict-markers"]["verdict"] == "failed"


def test_a_work_tree_of_its_own(shop: Gated) -> None:
    shop.commit()
    said = shop.hook("pre-commit")
    git(shop.root, "worktree", "add", "-q", "-b", "side", str(shop.place / "side"))
    (shop.place / "side" / "a").write_text("<<<<<<< mine\n")
    git(shop.place / "side", "add", "-A")
    git(shop.place / "side", "commit", "-q", "-m", "x")
    answer = json.loads(said.read_text())
    assert answer["changes"][0]["branch"] == "side"
    assert rows(answer)["conflict-markers"]["verdict"] == "failed"


def test_without_a_terminal_nothing_is_asked(shop: Gated) -> None:
    shop.commit()
    for words in (("pre-commit",), ("ci",), ("pre-push", "origin", "url"), ("pre-receive",)):
        done = subprocess.run(
            [sys.executable, "-m", "andon", "gate", *words],
            cwd=shop.root,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=30,
            start_new_session=True,
            check=False,
        )
        assert done.returncode in (0, 1, 3), done.stderr


def test_a_broken_configuration(shop: Gated) -> None:
    shop.write("andon.toml", 'service = "shop"\nwords = "dragons"\n')
    for words in (("pre-commit",), ("pre-push", "origin", "u")):
        answer = shop.gate(*words)
        (row,) = answer["changes"][0]["rows"]
        assert answer["code"] == 3 and row["rule"] == "configuration" and "andon.toml:2" in row["evidence"]
    (shop.root / "andon.toml").unlink()
    (shop.root / "andon.toml").symlink_to("nowhere")
    assert shop.gate("pre-commit")["code"] == 3


def test_a_journal_that_is_none(shop: Gated, monkeypatch: pytest.MonkeyPatch) -> None:
    """It blocks only where the table says so: a local commit is not one of these places."""
    head = shop.commit()
    (shop.place / "journal.db").write_text("no journal at all")
    monkeypatch.setenv("ANDON_JOURNAL", str(shop.place / "journal.db"))
    row = staged(shop)["gear-known"]
    assert (row["verdict"], row["effect"]) == ("unknown", "warns")
    git(shop.root, "switch", "-qc", "hotfix/INC-7")
    answer = shop.gate("pre-commit")
    assert answer["gear"] == "HOTFIX" and answer["changes"][0]["incident"] == "INC-7"
    given = f"{'0' * 40} {head} refs/heads/x\n".encode()
    assert rows(shop.gate("pre-receive", given=given))["gear-known"]["effect"] == "blocks"


def test_a_server_that_does_not_answer_costs_little_time(
    shop: Gated, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    shop.commit()
    with socket.socket() as silent:  # takes the connection and never says a word
        silent.bind(("127.0.0.1", 0))
        silent.listen(8)
        place = f"postgresql://a@127.0.0.1:{silent.getsockname()[1]}/x"
        monkeypatch.setenv("ANDON_JOURNAL", place)
        start = time.monotonic()
        row = staged(shop)["gear-known"]
    assert (row["verdict"], row["effect"]) == ("unknown", "warns")
    assert time.monotonic() - start < 12


def test_outside_of_a_repository(shop: Gated) -> None:
    outside = shop.place / "nothing"
    outside.mkdir()
    assert shop.gate("pre-commit", place=outside)["code"] == 2
