"""Every command with --json prints exactly one JSON document, also when it refuses or all is missing."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from andon.cli.commands import COMMANDS
from tests.acceptance.shop import ANDON, CODES, PATIENCE, Shop, checked

LEAK_VERBS = (
    "status", "locate", "exposure", "rotate", "backup", "purge", "verify", "push", "adopt", "ban", "cleanup",
    "judge", "report",
)  # fmt: skip
#: Every command in a form that needs no terminal, in an order in which most of them succeed.
FORMS: tuple[tuple[str, ...], ...] = (
    ("init", "--print"),
    ("init",),
    ("doctor",),
    ("protocol", "show"),
    ("protocol", "show", "--compiled"),
    ("protocol", "lint"),
    ("status",),
    ("board",),
    ("gear", "SHIP"),
    ("gate", "pre-commit"),
    ("gate", "ci", "--base", "v1.0.0"),
    ("gate", "commit-msg", "nowhere"),
    ("gate", "pre-push", "origin", "nowhere"),
    ("hooks", "status"),
    ("hotfix", "start"),
    ("hotfix", "check"),
    ("hotfix", "finish"),
    ("leak",),
    ("leak", "start"),
    ("leak", "start", "--value"),
    ("leak", "start", "--finding", "a1b2c3"),
    ("leak", "start", "--path", "app.py"),
    ("leak", "start", "--alert", "nowhere.json"),
    *(("leak", verb) for verb in LEAK_VERBS),
    ("leak", "skip", "purge", "--reason", "nobody may force a push"),
    ("ship", "check"),
    ("ship", "test"),
    ("ship", "waive", "staging-smoke", "--reason", "staging is rebuilt until Thursday"),
    ("ship", "waivers"),
    ("ship", "record", "v1.2.0"),
    ("ship", "abandon", "--reason", "the launch was called off"),
    ("deployed", "v1.1.0"),
    ("deployed", "v1.1.0", "--verdict", "good", "--reason", "a week without errors"),
    ("releases",),
    ("bisect",),
    ("gap",),
    ("gap", "--plan", "--url", "/checkout", "--status", "500"),
    ("gap", "prevent"),
    ("gap", "parity"),
    ("gap", "report"),
    ("migrations",),
    ("migrations", "v1.0.0", "v1.1.0", "--trial", "--trial-dsn", "sqlite:"),
    ("declare", "checkout answers 500", "--severity", "P0"),
    ("ack",),
    ("assess", "--cause", "a price is missing", "--fix-minutes", "90"),
    ("decide", "--explain"),
    ("decide", "--reason", "alone", "--yes"),
    ("rollback", "--plan"),
    ("rollback", "--yes", "--watch", "10"),
    ("rollback", "--resume"),
    ("workflows",),
    ("workflows", "list"),
    ("workflows", "show", "INC-1-1"),
    ("workflows", "cancel", "INC-1-1"),
    ("workflows", "resume", "INC-1-1"),
    ("worker", "--until-done"),
    ("verify", "--watch", "10"),
    ("status",),
    ("status", "--all"),
    ("timeline",),
    ("note", "called the on-call engineer"),
    ("evidence", "add", "andon.toml"),
    ("evidence", "list"),
    ("evidence", "show", ""),
    ("sign", "failure-resolved", "--reason", "looked at it"),
    ("skip", "test-added", "--reason", "no time"),
    ("severity", "P1", "--reason", "fewer customers"),
    ("notify",),
    ("notify", "send", "we are on it"),
    ("notify", "retry"),
    ("notify", "deliver", "--once"),
    ("mitigate",),
    ("resolve", "--cause", "a price is missing"),
    ("postmortem",),
    ("postmortem", "draft"),
    ("postmortem", "edit", "--set", "lessons/went-well=the rollback"),
    ("postmortem", "lint"),
    ("postmortem", "publish"),
    ("postmortem", "edit"),
    ("actions",),
    ("actions", "add", "an alarm"),
    ("actions", "assign", "A1", "--owner", "ben"),
    ("actions", "done", "A1", "--proof", "commit 1234567"),
    ("actions", "drop", "A2", "--reason", "gone"),
    ("regressions",),
    ("regressions", "add", "--symptom", "x"),
    ("regressions", "show", "REG-1"),
    ("prevent",),
    ("prevent", "audit"),
    ("prevent", "show"),
    ("flags",),
    ("flags", "list"),
    ("flags", "kill", "new-pricing", "--yes"),
    ("flags", "kill", "--resume"),
    ("flags", "status", "new-pricing"),
    ("flags", "enable", "new-pricing", "--yes"),
    ("flags", "undo", "K1-0a1b2c3d", "--reason", "calm"),
    ("flags", "rollout", "new-pricing"),
    ("flags", "rollout", "new-pricing", "5%", "100%", "--every", "1s", "--yes"),
    *(("flags", "rollout", "new-pricing", f"--{word}") for word in ("follow", "stop", "back", "resume")),
    ("flags", "exposures", "new-pricing"),
    ("flags", "tests"),
    ("canary",),
    ("canary", "v1.3.0", "5%", "100%", "--yes"),
    ("flags", "serve", "--port", "70000"),
    ("flags", "lint"),
    ("flags", "remove", "new-pricing"),
    ("secrets", "scan"),
    ("secrets", "except", "0123456789ab", "--reason", "x", "--until", "2020-01-01"),
    ("secrets", "exceptions"),
    ("secrets", "audit"),
    ("log",),
    ("log", "export"),
    ("log", "import", "nowhere.md"),
    ("close",),
    ("reopen", "--reason", "again"),
    ("audit",),
    ("drill", "--list"),
    ("drill", "no-such-scenario"),
)
WRONG: tuple[tuple[str, ...], ...] = (
    ("no-such-command",),
    ("declare",),
    ("rollback", "--no-such-option"),
    ("severity", "terrible"),
    ("decide", "prayer"),
    ("flags", "rollout", "new-pricing", "150%"),
    ("flags", "rollout", "new-pricing", "5%", "--every", "soon"),
    ("flags", "exposures", "new-pricing", "--expect", "on"),
    ("canary", "v1.3.0", "--stop"),
    ("verify", "--watch", "nan"),
    ("assess", "--fix-minutes", "inf"),
    ("board", "--every", "-1"),
    ("releases", "--limit", "-1"),
    ("migrations", "v1.0.0"),
    ("migrations", "v1.0.0", "v9.9.9"),
    ("declare", "x", "--began", "99999999999d"),
    ("note", "x", "--at", "1e400d"),
    ("status", "INC-99"),
    ("evidence", "show", "ffff"),
    ("sign", "no-such-item", "--reason", "x"),
)


def one_document(done: subprocess.CompletedProcess[str]) -> object:
    """Return the only thing on standard output; a refusal says there and on standard error what is wrong."""
    found = json.loads(done.stdout, parse_constant=pytest.fail)
    if isinstance(found, dict) and "error" in found:
        assert done.returncode in (1, 2, 3)
        assert set(found["error"]) == {"kind", "message", "where", "rule", "remedy"}
        assert found["error"]["message"]
        assert found["error"]["remedy"]
        assert "way out:" in done.stderr
    return found


def test_every_command_is_tried_here() -> None:
    assert {form[0] for form in FORMS} == set(COMMANDS)


def test_in_an_ordinary_repository_and_a_second_time(shop: Shop) -> None:
    shop.break_it()
    for give in (shop.andon, shop.quickly):
        for form in FORMS:
            one_document(give(*form, "--json", code=(0, 1, 2, 3)))
    for form in WRONG:
        found = one_document(shop.quickly(*form, "--json", code=(1, 2)))
        assert isinstance(found, dict)
        assert "error" in found, form


@pytest.mark.parametrize("kind", ["no repository and no network", "empty repository"])
def test_with_nothing_configured(shop: Shop, tmp_path: Path, kind: str) -> None:
    place = tmp_path / "nothing"
    place.mkdir()
    nowhere = "http://127.0.0.1:1"
    extra = {"GIT_CEILING_DIRECTORIES": str(tmp_path), "http_proxy": nowhere, "https_proxy": nowhere}
    form_of = ("--json",)
    if kind == "empty repository":
        subprocess.run(["git", "init", "-q", place], check=True)
        form_of = ()
    for form in FORMS:
        if form[0] != "init":
            done = shop.quickly(*form, *form_of, code=(0, 1, 2, 3), cwd=place, **extra)
            if form_of:
                one_document(done)
            elif done.returncode and not done.stdout:
                assert "way out:" in done.stderr, form
    one_document(shop.andon("init", "--json", code=0, cwd=place, **extra))


@pytest.mark.parametrize("redirection", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", "| head -1", ">/dev/full"])
def test_with_odd_streams(shop: Shop, redirection: str) -> None:
    shop.break_it()
    lost = redirection == ">/dev/full"
    for form in (
        ("declare", "checkout answers 500", "-s", "P0"),
        ("ack",),
        ("assess",),
        ("decide", "--reason", "alone", "--yes"),
        ("rollback", "--yes", "--watch", "10"),
        ("status", "--checklist"),
        ("no-such-command",),
    ):
        words = " ".join(f"'{word}'" for word in (*ANDON, *form))
        line = (
            f"{{ {words}; echo $? >&3; }} {redirection}"
            if redirection == "| head -1"
            else (f"{words} {redirection}; echo $? >&3")
        )
        with (shop.home / "code").open("w+") as codes:
            done = subprocess.run(
                ["bash", "-c", f"exec 3>&{codes.fileno()}; {line}"],
                cwd=shop.repository,
                env=shop.environment,
                capture_output=True,
                pass_fds=[codes.fileno()],
                timeout=PATIENCE,
            )
            codes.seek(0)
            code = int(codes.read())
        wanted = 2 if form[0] == "no-such-command" else 3 if lost else 0
        assert code == wanted, (form, done.stderr)
        checked(form, done, CODES)
    assert shop.running() == "v1.1.0"
    assert shop.json("status")["next"]["command"] == "andon mitigate"
    assert shop.ask("audit")["whole"]
