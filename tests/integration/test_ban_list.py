"""What was purged does not come back: a stale clone's push is refused, whatever is done to its history."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from andon.cli.main import main
from tests.integration.referenced import Clone, bare, token

__all__ = ["bare"]

SECRET = token(20)


class Purged:
    """A remote whose history was purged of a secret, and a clone of before that."""

    def __init__(self, clone: Clone) -> None:
        self.stale = clone
        self.remote = clone.place / "shop.git"
        clone.commit("a.txt", "two\n")
        self.clean = clone.tip()
        clone.commit("settings.txt", f"key = {SECRET}\n")
        self.commit = clone.tip()
        self.blob = clone.ask("rev-parse", "HEAD:settings.txt")
        clone.commit("a.txt", "three\n")
        clone.git("init", "-q", "--bare", "-b", "main", str(self.remote))
        clone.git("push", "-q", str(self.remote), f"{self.clean}:refs/heads/main")

    def ban(self, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
        with monkeypatch.context() as there:
            there.chdir(self.remote)
            path = self.stale.place / "list"
            path.write_text(text)
            assert main(["gate", "ban", str(path)]) == 0
            assert main(["hooks", "install", "--server"]) == 0
        hook = self.remote / "hooks" / "pre-receive"
        hook.write_text(hook.read_text().replace("gate pre-receive", "gate pre-receive --gear BUILD"))
        assert (self.remote / "andon" / "banned").stat().st_mode & 0o077 == 0

    def push(self, ref: str = "main", *, code: int) -> str:
        words = ("push", "-q", "--force", str(self.remote), f"{ref}:refs/heads/topic")
        return self.stale.git(*words, code=code)


@pytest.fixture
def purged(bare: Clone) -> Purged:
    return Purged(bare)


def test_the_push_of_a_stale_clone_is_refused(purged: Purged, monkeypatch: pytest.MonkeyPatch) -> None:
    purged.ban(monkeypatch, f"object {purged.commit} 2026-11-26 INC-4\n")
    said = purged.push(code=1)
    assert "INC-4" in said and "never merge" in said and SECRET not in said
    purged.push(purged.clean, code=0)


def test_a_history_that_is_rewritten_around_the_content_is_refused(
    purged: Purged, monkeypatch: pytest.MonkeyPatch
) -> None:
    purged.ban(monkeypatch, f"object {purged.blob} 2026-11-26 INC-4\n")
    purged.stale.git("checkout", "-q", "--orphan", "new")
    purged.stale.git("mv", "settings.txt", "other.txt")
    purged.stale.git("commit", "-qm", "all of it at once")
    assert "INC-4" in purged.push("new", code=1)
    purged.stale.git("rm", "-q", "other.txt")
    purged.stale.git("commit", "-q", "--amend", "-m", "without it")
    purged.push("new", code=0)


def test_a_banned_content_that_no_rule_takes_for_a_secret_is_refused_by_value(
    purged: Purged, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from andon.desk.leak.ban import ban, export
    from tests.fakes.desk import FakeDesk

    desk = FakeDesk(Path(purged.stale.root))
    ban(desk, [], [b"the old-horse of battery 7"], print)
    purged.ban(monkeypatch, export(desk))
    clone = purged.stale
    clone.git("checkout", "-q", "-b", "words", purged.clean)
    clone.commit("poem.txt", 'say "the old-horse of battery 7" twice\n')
    assert "banned" in purged.push("words", code=1)
    clone.git("reset", "-q", "--hard", "HEAD~1")
    clone.commit("poem.txt", "the old horse of a battery\n")
    purged.push("words", code=0)
    monkeypatch.chdir(purged.remote)
    capsys.readouterr()
    assert main(["gate", "ban"]) == 0
    assert "value" in capsys.readouterr().out
    mark = desk.redactor.mark(b"the old-horse of battery 7")
    assert main(["gate", "lift", mark]) == 2, "a reason is needed"
    assert main(["gate", "lift", mark, "--reason", "it is a poem"]) == 0
    clone.commit("poem.txt", "the old-horse of battery 7\n")
    purged.push("words", code=0)


def test_a_clone_with_the_list_takes_nothing_of_it_back(
    purged: Purged, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Clone(purged.stale.place)
    other.root = purged.stale.place / "other"
    subprocess.run(["git", "clone", "-q", str(purged.remote), str(other.root)], check=True)
    monkeypatch.chdir(other.root)
    assert main(["hooks", "install"]) == 0
    path = purged.stale.place / "list"
    path.write_text(f"object {purged.blob} 2026-11-26 INC-4\n")
    assert main(["gate", "ban", str(path)]) == 0
    said = other.git("fetch", "-q", str(purged.stale.root), "main:back", code=1)
    assert "INC-4" in said
    other.git("fetch", "-q", str(purged.stale.root), f"{purged.clean}:fine")


def test_a_list_that_cannot_be_read_lets_nothing_in(purged: Purged, monkeypatch: pytest.MonkeyPatch) -> None:
    purged.ban(monkeypatch, f"object {purged.blob} 2026-11-26 INC-4\n")
    (purged.remote / "andon" / "banned").write_text("objekt 1234\n")
    assert "ban list" in purged.push(purged.clean, code=1)
