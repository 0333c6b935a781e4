"""Secrets in every input of the flags: what is served is kept as it is, and nothing of the rest anywhere."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.flag_shop import FLAGS, KEY, FlagAnswer
from tests.acceptance.shop import ANDON, PATIENCE, Shop, wait_for
from tests.acceptance.test_messages_by_a_worker import Pager
from tests.acceptance.test_secrets_stay_secret import in_encodings, pager, token

__all__ = ["pager"]

#: What holds the definitions as they are, below the home of the shop: they are data that somebody serves.
DEFINITIONS = ("flag-state/definitions.json", "last-good.json", "shop/flags.json")


def flags_with(secret: str) -> dict[str, Any]:
    """Return the shop's flags with a secret wherever a definition may hold a text."""
    made: dict[str, Any] = json.loads(json.dumps(FLAGS))
    flag = made["flags"][KEY]
    flag["metadata"] |= {"purpose": f"prices {secret}", "owner": f"mina {secret}", "ticket": secret}
    flag["targeting"] = {"if": [{"===": [{"var": "key"}, secret]}, "on", flag["targeting"]]}
    made["flags"]["banner"]["variants"]["red"] = secret
    made["flags"]["wrong"] = {"state": "ENABLED", "variants": {"a": 1}, "targeting": {secret: 1}}
    made["$evaluators"] = {"odd": {"==": [{"var": "x"}, secret]}}
    made["metadata"] = {"note": secret}
    return made


class Served:
    """A flag server whose standard error is read too, with both tokens."""

    def __init__(self, shop: Shop, admin: str, reading: str) -> None:
        shop.environment |= {"ANDON_FLAGS_TOKEN": admin, "ANDON_FLAGS_READ_TOKEN": reading}
        self._reading = reading
        self._log = (shop.home / "server.log").open("wb")
        state = str(shop.home / "flag-state")
        self.process = subprocess.Popen(
            [*ANDON, "flags", "serve", "--port", "0", "--state", state, "--json"],
            cwd=shop.repository,
            env=shop.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log,
        )
        said = b""
        assert self.process.stdout is not None
        while not said.endswith(b"}\n"):
            said += self.process.stdout.readline()
        self.address = str(json.loads(said)["address"])

    def post(self, path: str, body: object, method: str = "POST", token: str = "") -> int:
        """Send JSON as an application would, and return the status."""
        asked = urllib.request.Request(
            self.address + path,
            json.dumps(body).encode(),
            {"Content-Type": "application/json", "Authorization": f"Bearer {token or self._reading}"},
            method=method,
        )
        try:
            with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as problem:
            return problem.code

    def stop(self) -> None:
        """Stop it, so that everything is written."""
        self.process.terminate()
        self.process.communicate(timeout=PATIENCE)
        self._log.close()


#: An application that follows the server, is asked with a context, and keeps its last good set.
PROGRAM = """\
import sys
from andon.flags.client import connect
address, token, keep, secret = sys.argv[1:]
flags = connect(address, token=token, keep=keep, name="checkout " + secret)
assert flags.wait_ready(120)
flags.boolean("new-pricing", False, {"targetingKey": secret, "email": secret})
flags.string("undefined-" + secret, "", {"targetingKey": secret})
print("ready", flags.status(), flags.boolean_details("wrong", False, {"targetingKey": secret}), flush=True)
sys.stdin.readline()
flags.close()
"""


#: Commands whose answer for programs is looked through too.
READ_AGAIN = [("flags",), *(("flags", verb) for verb in ("status", "lint", "remove", "exposures", "tests"))]


def commands(said: str) -> list[tuple[str, ...]]:
    """Return the way of a flag through an incident, with a secret in every text a person may write."""
    return [
        ("flags",),
        ("flags", "status", KEY),
        ("flags", "lint"),
        ("flags", "remove", KEY, "--keep", "off"),
        ("flags", "exposures", "banner"),
        ("flags", "tests"),
        ("gate", "pre-commit", "--verbose"),
        ("declare", "checkout answers 500", "-s", "P0"),
        ("ack",),
        ("assess",),
        ("flags", "kill", KEY, "--yes", "--reason", said, "--watch", "1"),
        ("flags", "status", KEY),
        ("flags", "enable", KEY, "--yes", "--reason", said),
        ("flags", "undo", "{kill}", "--yes", "--reason", said),
        ("flags", "rollout", KEY, "5%", "--yes", "--no-watch", "--reason", said, "--detach"),
        ("flags", "rollout", KEY, "--stop", "--yes", "--reason", said),
        ("flags", "rollout", KEY),
        ("status",),
        ("timeline",),
        ("postmortem", "draft"),
        ("postmortem", "show"),
        ("doctor",),
        ("board",),
    ]


@pytest.fixture
def secrets_of(shop: Shop) -> Iterator[dict[str, str]]:
    """Secrets by where they stand: in definitions, in words, in the environment."""
    found = {
        "served": token("gh" + "p_", 36),
        "served and known": token("", 20),
        "said": token("gh" + "p_", 36),
        "said and known": token("", 20),
        "admin": token("", 24),
        "reading": token("", 24),
    }
    (shop.repository / ".env").write_text(
        f"A_PASSWORD={found['served and known']}\nB_PASSWORD={found['said and known']}\n"
    )
    return found


def test_what_is_served_is_kept_and_nothing_else(
    shop: Shop, secrets_of: dict[str, str], pager: Pager
) -> None:
    served = f"{secrets_of['served']} {secrets_of['served and known']}"
    said = f"{secrets_of['said']} {secrets_of['said and known']}"
    file, keep = shop.repository / "flags.json", shop.home / "last-good.json"
    file.write_text(json.dumps(flags_with(served)))
    settings = '[flags]\nfile = "flags.json"\nconfirm = 120\nreport = "flag-report.json"\n'
    shop.configure(more=settings)
    shop.production.RequestHandlerClass = FlagAnswer
    server = Served(shop, secrets_of["admin"], secrets_of["reading"])
    to = f'[notify]\nP0 = ["json://127.0.0.1:{pager.server_address[1]}/"]\n'
    shop.configure(more=f'{settings}server = "{server.address}"\ntoken = "$ANDON_FLAGS_TOKEN"\n{to}')
    words = [sys.executable, "-c", PROGRAM, server.address, secrets_of["reading"], str(keep), said]
    program = subprocess.Popen(
        words, env=shop.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert program.stdout is not None
    heard = program.stdout.readline()
    assert heard.startswith(b"ready"), heard
    assert server.post(f"/ofrep/v1/evaluate/flags/{KEY}", {"context": {"targetingKey": said}}) == 200
    assert server.post(f"/ofrep/v1/evaluate/flags/un-{secrets_of['said']}", {"context": {}}) == 404
    (shop.repository / "asks.py").write_text(f'flags.boolean("{KEY}", False, {{"by": "{served}"}})\n')
    shop.git("add", "asks.py")
    counts = [[f"un-{said}", "", 3], [KEY, said, 2]]
    gone = {"process": "b" * 32, "name": f"worker {said}", "version": 0, "counts": counts}
    assert server.post("/flags/v1/acknowledgements", gone) == 204
    told = []
    for one in commands(said):
        shown = kill_of(shop) if "{kill}" in one else ""
        for more in ((), ("--json",)) if one[:2] in READ_AGAIN else ((),):
            done = shop.quickly(*(w.replace("{kill}", shown) for w in one), *more, code=(0, 1, 2, 3))
            told.append(f"$ {' '.join(one[:3])}\n{done.stdout}{done.stderr}")
    shop.quickly("flags", "lint", "--sarif", str(shop.home / "flags.sarif"), code=(0, 1, 3))
    file.write_text(f'{{"flags": {{"{served}": 1, "{served}": 2}}}}')
    wait_for(lambda: b"stay in force" in (shop.home / "server.log").read_bytes(), "the finding")
    for one in (
        ("flags", "lint"),
        ("doctor",),
        ("gate", "pre-commit"),
        ("flags", "kill", "banner", "--variant", "none", "--yes"),
    ):
        done = shop.quickly(*one, code=(0, 1, 2, 3))
        told.append(done.stdout + done.stderr)
    program.kill()
    program.communicate(timeout=PATIENCE)
    server.stop()
    written = {
        path.relative_to(shop.home).as_posix(): path.read_bytes()
        for path in shop.home.rglob("*")
        if path.is_file() and not path.is_symlink()
    }
    for planted in ("shop/.env", "shop/asks.py", "shop/flags.json"):
        del written[planted]
    written = {name: content for name, content in written.items() if not name.startswith("shop/.git/objects")}
    written["the terminal"] = "\n".join(told).encode()
    written["messages"] = json.dumps(pager.taken).encode()
    assert any("1 of 1 process confirmed in" in text for text in told), "the kill was not carried out"
    assert any("stopped by mina: [redacted:" in text for text in told), "the rollout was not begun"
    assert secrets_of["served"].encode() in written["flag-state/definitions.json"]
    assert secrets_of["served"].encode() in written["last-good.json"]
    leaks = []
    for name, content in written.items():
        for where, secret in in_encodings(secrets_of).items():
            if where.startswith("served") and name in DEFINITIONS:
                continue
            place = content.find(secret.encode())
            if place >= 0:
                leaks.append(f"{where} in {name}: {content[max(place - 200, 0) : place + 60]!r}")
    assert not leaks, "\n".join(leaks)


def kill_of(shop: Shop) -> str:
    """Return the operation of the kill in force."""
    return str(shop.ask("flags", "status", KEY, code=(0, 3))["kill"]["operation"])


class Broken:
    """Checkout is broken while a rollout has the flag on for somebody."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self, key: str) -> str:
        """Return the variant that the shop's checkout is given."""
        told = json.loads(self._file.read_text())["flags"][key]["metadata"]
        return "on" if "rolloutPercent" in told and "killOperation" not in told else "off"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a worker is looked for in /proc")
def test_a_stage_that_fails_tells_nobody_a_secret(
    shop: Shop, secrets_of: dict[str, str], pager: Pager
) -> None:
    leak = " | ".join(in_encodings({**secrets_of, "admin": secrets_of["said"], "reading": ""}).values())
    file = shop.repository / "flags.json"
    file.write_text(json.dumps(flags_with(f"{secrets_of['served']} {secrets_of['served and known']}")))
    to = f'[notify]\nP1 = ["json://127.0.0.1:{pager.server_address[1]}/"]\n'
    shop.configure(more=f'[flags]\nsystem = "file"\nfile = "flags.json"\n{to}')
    shop.production.RequestHandlerClass = FlagAnswer
    shop.production.body, shop.production.line = leak.encode(), f"ERROR checkout failed: {leak}"
    shop.program = Broken(file)

    done = shop.andon("flags", "rollout", KEY, "5%", "100%", "--every", "5s", "--yes", "-r", leak, code=1)

    told = done.stdout + done.stderr
    said = [("status",), ("timeline",), ("flags", "rollout", KEY), ("workflows",)]
    told += "".join(shop.quickly(*words, code=(0, 1, 3)).stdout for words in said)
    told += "".join(
        shop.quickly("evidence", "show", e["evidence"]).stdout for e in shop.ask("evidence", "list")
    )
    assert "turned off" in told and b"[redacted:" in shop.journal_bytes()
    written = {
        path.relative_to(shop.home).as_posix(): path.read_bytes()
        for path in shop.home.rglob("*")
        if path.is_file() and not path.is_symlink() and path.name not in (".env", "flags.json", "app.log")
    }
    assert "data/andon/shop/journal-engine.db" in written
    written["the terminal"], written["messages"] = told.encode(), json.dumps(pager.taken).encode()
    for name, content in written.items():
        for where in ("served", "served and known", "said", "said and known"):
            place = content.find(secrets_of[where].encode())
            assert place < 0, f"{where} in {name}: {content[max(place - 200, 0) : place + 60]!r}"
