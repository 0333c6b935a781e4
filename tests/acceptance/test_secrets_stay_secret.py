"""Secrets stand wherever people and production write, and reach no journal, document or terminal."""

from __future__ import annotations

import base64
import json
import os
import secrets
import string
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.acceptance.shop import Shop
from tests.acceptance.test_messages_by_a_worker import Pager
from tests.acceptance.test_whole_way import REGRESSION, WORDS, sign_what_is_left

ALPHABET = string.ascii_letters + string.digits


def token(prefix: str, length: int) -> str:
    """Return what looks like a token, made up at run time so that no scanner stumbles over this file."""
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(length - 2)) + "4z"


@pytest.fixture
def planted(shop: Shop) -> dict[str, str]:
    """Secrets by where they are known from; the service's own stand in its environment file."""
    found = {
        "github": token("gh" + "p_", 36),
        "stripe": token("sk_" + "live_", 24),
        "password": token("", 9) + "/+&" + token("", 9),
        "phrase": "Tr0ub4dor and three " + token("", 6),
        "database": token("", 14),
    }
    (shop.repository / ".env").write_text(
        f"ADMIN_PASSWORD={found['password']}\nPASS_PHRASE='{found['phrase']}'\n"
        f"DATABASE_URL=postgresql://shop:{found['database']}@db.internal/shop\n"
    )
    return found


@pytest.fixture
def pager() -> Iterator[Pager]:
    server = Pager()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def in_encodings(values: dict[str, str]) -> dict[str, str]:
    """Return the values as they are and in encodings in which tools print them, by where they are from."""
    forms = {}
    for name, value in values.items():
        forms[name] = value
        forms[f"{name} in base64"] = base64.b64encode(f"user:{value}".encode()).decode()
        forms[f"{name} for a URL"] = quote(value, safe="")
        forms[f"{name} in JSON"] = json.dumps(value)[1:-1]
        forms[f"{name} in hexadecimal"] = value.encode().hex()
    return forms


def test_nothing_leaks_on_the_whole_way(shop: Shop, planted: dict[str, str], pager: Pager) -> None:
    known = {name: value for name, value in planted.items() if name not in ("github", "stripe")}
    forms = {**in_encodings(known), **planted}
    leak = f"{' | '.join(forms.values())} | password={planted['stripe']}"
    shop.environment["SHOP_TOOL_TOKEN"] = leak
    shop.deploy_by_command(
        "print(os.environ['SHOP_TOOL_TOKEN']); print(os.environ['SHOP_TOOL_TOKEN'], file=sys.stderr)",
        more=settings(shop, pager),
    )
    shop.production.body = json.dumps({"error": leak, "token": planted["github"]}).encode()
    shop.production.line = f"ERROR checkout failed with {leak}"
    shop.git("checkout", "-q", "-b", f"fix/{planted['github']}-{planted['database']}")
    (shop.repository / "app.py").write_text(f"VERSION = 'v1.2.0'\nCALL = {leak!r}\n")
    shop.git("commit", "-q", "-a", "-m", f"note to self: {leak}")
    shop.git("tag", "-f", "v1.2.0")
    shop.break_it()
    (shop.home / "dump.txt").write_text(leak)
    (shop.repository / f"{planted['github']}.py").write_text(f"CALL = {leak!r}\n")
    shop.git("add", "-A")
    before = every_file(shop)
    said = []
    for words in everything(shop, leak):
        code = (
            (0, 1, 2, 3) if words[0] in ("migrations", "gate", "secrets", "hotfix", "bisect") else (0, 1, 3)
        )
        done = shop.andon(*words, code=code)
        said.append(done.stdout + done.stderr)
        if words[0] in READ_AGAIN:
            done = shop.andon(*words, "--json", code=code)
            said.append(done.stdout + done.stderr)
    sign_what_is_left(shop)
    last = (("log", "export"), ("log",), ("close",), ("reopen", "INC-1", "--reason", leak), ("workflows",))
    said += [shop.andon(*words).stdout for words in last]
    said += [shop.andon("evidence", "show", e["evidence"]).stdout for e in shop.json("evidence", "list")]
    assert "closed" in shop.texts()
    assert pager.taken
    written = {
        str(path.relative_to(shop.home)): path.read_bytes()
        for path in every_file(shop)
        if path not in PLANTED
    }
    new = {name for name in written if shop.home / name not in before}
    assert {"shop/INCIDENTS.md", "sarif.json", "data/andon/shop/journal-engine.db"} <= new
    written["the terminal"] = "\n".join(said).encode()
    written["messages"] = json.dumps(pager.taken, ensure_ascii=False).encode()
    written["messages, escaped"] = json.dumps(pager.taken).encode()
    for where, secret in forms.items():
        for name, content in written.items():
            place = content.find(secret.encode())
            assert place < 0, f"{where} in {name}: {content[max(place - 300, 0) : place + 60]!r}"
    assert b"[redacted:" in shop.journal_bytes()
    assert b"[redacted:" in written["messages"]
    assert shop.ask("audit")["whole"]


#: Commands whose answer for programs is looked through too.
READ_AGAIN = ("assess", "status", "timeline", "releases", "gate", "secrets")
#: Where the test itself put the secrets, below the home of the shop.
PLANTED = (
    "app.log",
    "dump.txt",
    "production/",
    "shop/.env",
    "shop/app.py",
    "shop/gh",
    "shop/.git/",
    "tool.py",
)


def every_file(shop: Shop) -> set[Path]:
    """Return what lies anywhere below the home of the shop, but for what the test planted itself.

    Of git's own directory: what is no object, reference or message of the commits made here.
    """
    found = set()
    for path in shop.home.rglob("*"):
        name = path.relative_to(shop.home).as_posix()
        if path.is_file() and not path.is_symlink() and not name.startswith(PLANTED):
            found.add(path)
    return found | {p for p in (shop.repository / ".git").glob("*andon*/**/*") if p.is_file()}


def settings(shop: Shop, pager: Pager) -> str:
    """Return settings of tools that repeat what stands in their environment."""
    tool = shop.home / "tool.py"
    tool.write_text(
        "import json, os, sys\n"
        "leak = os.environ['SHOP_TOOL_TOKEN']\n"
        "print(leak)\nprint(leak, file=sys.stderr)\n"
        "if len(sys.argv) > 2:\n"
        "    at = {'physicalLocation': {'artifactLocation': {'uri': 'app.py'}, 'region': {'startLine': 2}}}\n"
        "    found = {'ruleId': 'odd', 'level': 'error', 'message': {'text': leak}, 'locations': [at]}\n"
        "    run = {'tool': {'driver': {'name': 'odd'}}, 'results': [found]}\n"
        "    with open(sys.argv[2], 'w') as file:\n"
        "        json.dump({'version': '2.1.0', 'runs': [run]}, file)\n"
        f"sys.exit(os.readlink({str(shop.place / 'current')!r}).endswith('v1.2.0'))\n"
    )
    run = [sys.executable, "-S", str(tool)]
    return (
        f'[notify]\nP0 = ["json://127.0.0.1:{pager.server_address[1]}/"]\n'
        f'P1 = ["json://127.0.0.1:{pager.server_address[1]}/"]\n'
        f'[[smoke]]\nname = "by hand"\ncommand = {json.dumps(run)}\n'
        f'[[logs]]\nname = "tool"\ncommand = {json.dumps(run)}\n'
        f"[hotfix]\ntest = {json.dumps(run)}\n"
        f'[[scanner]]\nname = "odd"\ncommand = {json.dumps([*run, "-o", "{output}"])}\n'
    )


def everything(shop: Shop, leak: str) -> list[tuple[str, ...]]:
    """Return commands that put `leak` into every text a person may write, on the way to a closed incident."""
    sections = [word for key, text in WORDS.items() for word in ("--set", f"{key}={text} {leak}")]
    lesson = [word for key, text in REGRESSION.items() for word in (f"--{key}", f"{text} {leak}")]
    commands: list[tuple[str, ...]] = [
        ("gear", "SHIP", "--reason", leak),
        ("deployed", "v1.1.0", "--verdict", "good", "--reason", leak),
        ("gate", "pre-commit", "--verbose"),
        ("gate", "ci", "--base", "v1.1.0", "--head", "HEAD", "--sarif", str(shop.home / "sarif.json")),
        ("secrets", "scan", "--staged"),
        ("declare", f"broken {leak}", "-s", "P0", "--because", leak, "--description", leak),
        ("ack",),
        ("note", leak),
        ("note", leak, "--impact", "report"),
        ("evidence", "add", str(shop.home / "dump.txt"), "--title", leak),
        ("assess", "--cause", leak),
        ("bisect", "v1.0.0", "v1.2.0", "--run", sys.executable, str(shop.home / "tool.py")),
        ("decide", "rollback", "--reason", leak, "--yes"),
        ("rollback", "--plan"),
        ("rollback", "--yes", "--watch", "2"),
        ("verify", "--watch", "2"),
        ("severity", "P1", "--reason", leak),
        ("sign", "failure-resolved", "--reason", leak),
        ("skip", "test-added.2", "--reason", leak),
        ("mitigate", "--by", leak),
        ("resolve", "--cause", leak),
        ("actions", "add", leak),
        ("actions", "done", "A2", "--proof", leak),
        ("actions", "add", leak, "--kind", "monitoring"),
        ("postmortem", "draft"),
        ("postmortem", "edit", *sections),
        ("regressions", "add", *lesson),
        ("regressions", "show", "1"),
        ("postmortem", "show"),
        ("postmortem", "publish"),
        ("status", "--checklist"),
        ("timeline",),
        ("releases",),
        ("migrations",),
        ("doctor",),
        ("board",),
        ("notify", "send", leak),
        ("notify", "retry"),
        ("notify", "list"),
    ]
    return commands


def test_a_secret_file_that_cannot_be_read_stops_no_declaration(shop: Shop) -> None:
    shop.break_it()
    (shop.repository / ".env").mkdir()
    github = token("gh" + "p_", 36)
    declared = shop.json("declare", f"broken {github}", "--severity", "P0")
    assert declared["incident"] == "INC-1"
    assert any(line.startswith("unknown: evidence") for line in declared["captured"])
    assert github.encode() not in shop.journal_bytes()
    shop.andon("evidence", "add", "app.py", code=3)


def test_a_pipe_in_the_place_of_a_secret_file_is_not_waited_for(shop: Shop) -> None:
    os.mkfifo(shop.repository / ".env")
    assert shop.json("declare", "broken", "--severity", "P0")["incident"] == "INC-1"
