"""A leaked environment file, from the first word to the closed incident: real git, a remote, an old clone."""

from __future__ import annotations

import json
import random
import string
import subprocess
from pathlib import Path
from typing import Any

import pexpect
import pytest

from tests.acceptance.shop import ANDON, Shop
from tests.acceptance.test_at_a_terminal import ended, terminal
from tests.acceptance.test_whole_way import REGRESSION, WORDS, sign_what_is_left

FILE = ".env.prod"
REASON = "deleted in the console, and the old one answers 401 now"


def word(seed: int, length: int = 36) -> str:
    """Return letters and digits that nobody has used, the same for a seed."""
    chance = random.Random(seed)
    return "".join(chance.choice(string.ascii_letters + string.digits) for _ in range(length))


def token(seed: int = 1) -> str:
    """Return a token that nobody has."""
    return "gh" + "p_" + word(seed)


TOKEN, PASSWORD = token(), word(2, 22)
SECRETS = (TOKEN, PASSWORD)


def git(place: Path, *words: str, code: int = 0, shop: Shop) -> str:
    """Run git somewhere and return what it says."""
    who = ("-c", "user.name=Mina", "-c", "user.email=mina@example.org")
    done = subprocess.run(
        ["git", *who, *words], cwd=place, env=shop.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, f"git {words}: {done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def everything(place: Path) -> bytes:
    """Return every byte of a repository: its files, and all objects, unpacked."""
    files = b"".join(p.read_bytes() for p in sorted(place.rglob("*")) if p.is_file() and not p.is_symlink())
    ask = ("cat-file", "--batch-all-objects", "--batch", "--unordered")
    objects = subprocess.run(["git", *ask], cwd=place, capture_output=True, check=True).stdout
    return files + objects


@pytest.fixture
def leaky(shop: Shop) -> Shop:
    """A shop with secrets in five commits of a file and two of another, a remote and a stale clone."""
    shop.git("add", "-A")
    shop.git("commit", "-q", "-m", "Configure Andon")
    for number in range(5):
        (shop.repository / FILE).write_text(f"# {number}\nTOKEN={TOKEN}\nDB_PASSWORD={PASSWORD}\nMODE=live\n")
        shop.git("add", "-f", FILE)
        shop.git("commit", "-q", "-m", f"Settings, take {number}")
    for number in range(2):
        (shop.repository / "GUIDE.md").write_text(f"# Guide {number}\n\nUse `{TOKEN}` to sign in.\n")
        shop.git("add", "GUIDE.md")
        shop.git("commit", "-q", "-m", f"Guide, take {number}")
    origin = shop.home / "origin.git"
    git(shop.home, "init", "-q", "--bare", "-b", "main", "origin.git", shop=shop)
    shop.git("remote", "add", "origin", str(origin))
    shop.git("push", "-q", "origin", "main", "--tags")
    git(shop.home, "clone", "-q", str(origin), "stale", shop=shop)
    return shop


class Told:
    """Everything that commands print, to be searched for secrets in the end."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.said: list[str] = []

    def andon(self, *words: str, code: int | tuple[int, ...] = 0, **extra: Any) -> str:
        done = self.shop.andon(*words, code=code, **extra)
        self.said.append(done.stdout + done.stderr)
        return done.stdout + done.stderr

    def json(self, *words: str, code: int | tuple[int, ...] = 0) -> Any:
        done = self.shop.andon(*words, "--json", code=code)
        self.said.append(done.stdout + done.stderr)
        return json.loads(done.stdout)


def test_the_whole_way(leaky: Shop) -> None:
    shop, told = leaky, Told(leaky)
    origin, stale = shop.home / "origin.git", shop.home / "stale"

    started = told.json("leak", "start", "--path", FILE)
    assert (started["severity"], started["declared"], len(started["credentials"])) == ("P0", True, 2)
    assert told.json("gear")["gear"] == "HOTFIX"
    assert "andon leak locate" in told.andon("ack")
    assert "andon leak locate;" in told.andon("leak", "cleanup", code=1), "the values are needed yet"
    assert "GUIDE.md" in told.andon("leak", "locate", "--all")
    exposure = told.json("leak", "exposure")["exposure"]
    assert [r["remote"] for r in exposure["remotes"]] == ["origin"]
    assert exposure["since"]

    # rotate first: nothing is rewritten before
    told.andon("leak", "backup")
    assert "rotate-first" in told.andon("leak", "purge", "--yes", code=1)
    assert "rotate-first" in told.andon("mitigate", code=1)
    for mark in told.json("leak")["leak"]["unrevoked"]:
        told.andon("leak", "rotate", mark, "--reason", REASON)
    assert told.json("mitigate")["status"] == "mitigated"
    assert "leak-stages" in told.andon("resolve", "--cause", "no gate ran", code=1)

    # the history, in a mirror
    before = everything(shop.repository)
    assert "-> andon leak purge --yes" in " ".join(told.andon("leak", "purge").split())
    assert told.json("leak", "purge", "--yes")["purged"]["commits"] == 7
    assert told.json("leak", "verify")["verified"]["verdict"] == "passed"
    assert everything(shop.repository) == before, "the repository itself is only read"
    assert "nothing was pushed" in told.andon("leak", "push")
    told.andon("leak", "push", "--yes")
    assert f"{FILE}: it leaked whole" in told.andon("leak", "adopt")
    assert f"{FILE}: gone from the work tree" in told.andon("leak", "adopt", "--yes")
    told.andon("leak", "ban", "--export", str(shop.home / "bans"))
    told.andon("gate", "ban", str(shop.home / "bans"), cwd=origin)
    told.andon("hooks", "install", "--server", cwd=origin)
    told.andon("leak", "cleanup")
    told.andon("verify", code=(0, 3))
    told.andon("resolve", "--cause", "nothing looked at what was committed")
    told.andon("leak", "judge", "P4", "--reason", "the old keys answer 401, and nothing of them is left")
    assert told.json("leak")["leak"]["stage"] == "done"

    # what is learned
    review(shop, told)
    for place in (shop.repository, origin):
        git(place, "gc", "-q", "--prune=now", shop=shop)
        assert not any(secret.encode() in everything(place) for secret in SECRETS), place
    assert not (shop.repository / FILE).exists()
    (stale / "work").write_text("work\n")
    git(stale, "add", "work", shop=shop)
    git(stale, "commit", "-q", "-m", "Work on the old history", shop=shop)
    refused = git(stale, "push", "--force", "origin", "main", code=1, shop=shop)
    assert "banned" in refused
    assert not any(s in text for s in SECRETS for text in (refused, *told.said))
    assert not any(secret.encode() in shop.journal_bytes() for secret in SECRETS)
    left = [p for p in (shop.home / "data").rglob("*") if p.is_file() and p.suffix != ".bundle"]
    assert not any(secret.encode() in p.read_bytes() for secret in SECRETS for p in left)
    assert told.json("audit")["whole"]


def review(shop: Shop, told: Told) -> None:
    """Write the postmortem and the log, and close the incident."""
    told.andon("postmortem", "draft")
    settings = [part for key, text in WORDS.items() for part in ("--set", f"{key}={text}")]
    told.json("postmortem", "edit", *settings)
    for kind in ("tests", "monitoring"):
        told.andon("actions", "add", f"a follow-up of kind {kind}", "--kind", kind)
    told.andon("regressions", "add", *[part for f, text in REGRESSION.items() for part in (f"--{f}", text)])
    document = (shop.repository / told.json("postmortem", "publish")["postmortem"]).read_text()
    assert "## Security impact" in document
    assert "(REDACTED): revoked" in document
    sign_what_is_left(shop)
    told.andon("log", "export")
    log = (shop.repository / "INCIDENTS.md").read_text()
    assert "Security Impact Assessment" in log
    assert "Resolution Artifacts" in log
    assert not any(secret in text for secret in SECRETS for text in (document, log))
    assert told.json("close")["status"] == "closed"
    owed = [a for a in told.json("actions")["actions"] if a["origin"] == "leak:backup"]
    assert [a["state"] for a in owed] == ["open"], "the backup is still there, and somebody answers for it"
    assert "closed" in told.andon("leak", "purge", "--yes", "-i", "INC-1", code=1)
    assert ".bundle" in told.andon("leak", "cleanup", "--now"), "a closed incident is no reason to keep it"
    actions = told.json("actions")["actions"]
    assert [a["state"] for a in actions if a["origin"] == "leak:backup"] == ["done"]


# ---- taking a secret in


def test_a_value_at_a_terminal_is_not_shown_and_leaves_nothing_but_its_mark(shop: Shop) -> None:
    with terminal(shop, "leak", "start", "--value") as shown:
        shown.expect("nothing is shown")
        shown.expect("secret: ")
        shown.sendline(TOKEN)
        shown.expect("more: ")
        shown.sendline("")
        shown.expect("github-token")
        assert TOKEN not in (shown.before or "")
        assert ended(shown) == 0
        assert TOKEN not in (shown.before or "")
    assert TOKEN.encode() not in shop.journal_bytes()
    (room,) = (shop.journal.parent / "leaks").iterdir()
    assert room.stat().st_mode & 0o777 == 0o700
    assert [p.stat().st_mode & 0o777 for p in room.iterdir()] == [0o600]


def test_ctrl_c_while_a_value_is_asked_for_leaves_nothing(shop: Shop) -> None:
    with terminal(shop, "leak", "start", "--value") as shown:
        shown.expect("secret: ")
        shown.send(TOKEN)
        shown.sendintr()
        shown.expect(pexpect.EOF)
        shown.close()
        assert shown.exitstatus == 130
        assert TOKEN not in (shown.before or "")
    assert shop.json("status")["open"] == []
    assert not (shop.journal.parent / "leaks").exists()


def test_an_alert_of_the_host_and_a_piped_value(shop: Shop) -> None:
    (shop.home / "alert.json").write_text(
        json.dumps({"alert": {"number": 1, "secret": TOKEN}, "repository": {"private": True}})
    )
    found = shop.json("leak", "start", "--alert", str(shop.home / "alert.json"))
    assert found["severity"] == "P1"
    done = subprocess.run(
        [*ANDON, "leak", "start", "--value", "--json"],
        cwd=shop.repository,
        env=shop.environment,
        input=PASSWORD.encode(),
        capture_output=True,
        check=True,
    )
    assert PASSWORD.encode() not in done.stdout + done.stderr
    assert json.loads(done.stdout)["incident"] == found["incident"]


def test_a_short_value_is_asked_about(shop: Shop) -> None:
    for value, code in ((b"hunter2\n", 1), (b"", 2)):
        done = subprocess.run(
            [*ANDON, "leak", "start", "--value"],
            cwd=shop.repository,
            env=shop.environment,
            input=value,
            capture_output=True,
            check=False,
        )
        assert done.returncode == code
        assert b"way out:" in done.stderr
        assert b"hunter2" not in done.stderr
    assert shop.json("status")["open"] == []
