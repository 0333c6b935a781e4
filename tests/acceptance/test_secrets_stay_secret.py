"""Secrets stand wherever people and production write, and reach no journal, document or terminal."""

from __future__ import annotations

import base64
import os
import secrets
import string

import pytest

from tests.acceptance.shop import Shop
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
        "password": token("", 18),
        "phrase": "Tr0ub4dor and three " + token("", 6),
        "database": token("", 14),
    }
    (shop.repository / ".env").write_text(
        f"ADMIN_PASSWORD={found['password']}\nPASS_PHRASE='{found['phrase']}'\n"
        f"DATABASE_URL=postgresql://shop:{found['database']}@db.internal/shop\n"
    )
    return found


def test_nothing_leaks_on_the_whole_way(shop: Shop, planted: dict[str, str]) -> None:
    encoded = base64.b64encode(f"user:{planted['password']}".encode()).decode()
    leak = f"{' | '.join(planted.values())} | {encoded} | password={planted['stripe']}"
    shop.deploy_by_command(f"print({leak!r}); print({leak!r}, file=sys.stderr)")
    shop.production.body = f'{{"error": "{leak}", "token": "{planted["github"]}"}}'.encode()
    shop.production.line = f"ERROR checkout failed with {leak}"
    shop.git("commit", "-q", "--allow-empty", "-m", f"note to self: {leak}")
    shop.git("tag", "-f", "v1.2.0")
    shop.break_it()
    (shop.home / "dump.txt").write_text(leak)
    said = []
    for words in everything(shop, leak):
        done = shop.andon(*words, code=(0, 1, 2, 3) if words[0] == "migrations" else (0, 1, 3))
        said.append(done.stdout + done.stderr)
        done = shop.andon(*words, "--json", code=(0, 1, 3)) if words[0] in ("assess", "status") else done
        said.append(done.stdout + done.stderr)
    sign_what_is_left(shop)
    last = (("log", "export"), ("log",), ("close",), ("reopen", "INC-1", "--reason", leak))
    said += [shop.andon(*words).stdout for words in last]
    said += [shop.andon("evidence", "show", e["evidence"]).stdout for e in shop.json("evidence", "list")]
    documents = [
        path.read_text() for path in (*shop.repository.glob("docs/**/*.md"), shop.repository / "INCIDENTS.md")
    ]
    assert len(documents) == 3
    assert "closed" in shop.texts()
    journal = shop.journal_bytes()
    for where, secret in {**planted, "encoded": encoded}.items():
        assert secret.encode() not in journal, f"{where} in the journal"
        for text in (*said, *documents):
            place = text.find(secret)
            assert place < 0, f"{where}: {text[max(place - 300, 0) : place + 60]}"
    assert b"[redacted:" in journal
    assert shop.json("audit")["whole"]


def everything(shop: Shop, leak: str) -> list[tuple[str, ...]]:
    """Return commands that put `leak` into every text a person may write, on the way to a closed incident."""
    sections = [word for key, text in WORDS.items() for word in ("--set", f"{key}={text} {leak}")]
    lesson = [word for key, text in REGRESSION.items() for word in (f"--{key}", f"{text} {leak}")]
    commands: list[tuple[str, ...]] = [
        ("gear", "SHIP", "--reason", leak),
        ("deployed", "v1.1.0", "--verdict", "good", "--reason", leak),
        ("declare", f"broken {leak}", "-s", "P0", "--because", leak, "--description", leak),
        ("ack",),
        ("note", leak),
        ("note", leak, "--impact", "report"),
        ("evidence", "add", str(shop.home / "dump.txt"), "--title", leak),
        ("assess", "--cause", leak),
        ("decide", "rollback", "--reason", leak, "--yes"),
        ("rollback", "--plan"),
        ("rollback", "--yes", "--watch", "10"),
        ("verify", "--watch", "10"),
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
