"""At a terminal: questions before production is touched, the live board, and a screen of forty columns."""

from __future__ import annotations

import re
import signal
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager

import pexpect
import pytest

from tests.acceptance.shop import ANDON, PATIENCE, Shop

QUESTION = r"to production\? \[y/N\] "


@contextmanager
def terminal(shop: Shop, *words: str, columns: int = 100, **extra: str) -> Iterator[pexpect.spawn]:
    """Run a command in a terminal of so many columns; it is ended at the end of the block."""
    spawned = pexpect.spawn(
        ANDON[0],
        [*ANDON[1:], *words],
        cwd=str(shop.repository),
        env={**shop.environment, "TERM": "xterm-256color", **extra},
        encoding="utf-8",
        timeout=PATIENCE,
        dimensions=(40, columns),
    )
    try:
        yield spawned
    finally:
        spawned.close(force=True)


def ended(spawned: pexpect.spawn) -> int:
    """Wait for the end of a command and return its exit code."""
    spawned.expect(pexpect.EOF)
    spawned.wait()  # closed before it is gone, it would be hung up on
    spawned.close()
    return int(spawned.exitstatus)


@pytest.fixture
def decided(shop: Shop) -> Shop:
    """A shop with a decided rollback."""
    shop.deploy_by_command()
    shop.break_it()
    shop.declare()
    shop.quickly("ack")
    shop.quickly("assess")
    shop.quickly("decide", "rollback", "--reason", "alone", "--yes")
    return shop


@pytest.mark.parametrize("answer", ["n", "", "yes please", "\x04", "\x1b[A"])
def test_anything_but_yes_touches_nothing(decided: Shop, answer: str) -> None:
    before = decided.texts()
    with terminal(decided, "rollback") as shown:
        shown.expect(QUESTION)
        shown.send("\x04") if answer == "\x04" else shown.sendline(answer)
        shown.expect("not confirmed; nothing was done")
        assert ended(shown) == 1
    assert decided.deploys() == []
    assert decided.texts() == before


def test_ctrl_c_at_the_question_touches_nothing(decided: Shop) -> None:
    with terminal(decided, "rollback") as shown:
        shown.expect(QUESTION)
        shown.sendintr()
        assert ended(shown) == 130
    assert decided.deploys() == []


def test_yes_rolls_back(decided: Shop) -> None:
    with terminal(decided, "rollback", "--watch", "10") as shown:
        shown.expect(QUESTION)
        shown.sendline("y")
        shown.expect("verification passed")
        assert ended(shown) == 0
    assert len(decided.deploys()) == 1
    assert decided.running() == "v1.1.0"


def test_yes_beforehand_asks_nothing(decided: Shop) -> None:
    with terminal(decided, "rollback", "--yes", "--watch", "10") as shown:
        shown.expect("succeeded")
        assert ended(shown) == 0
        assert "[y/N]" not in (shown.before or "")


def test_ctrl_c_during_the_rollback_can_be_taken_up_again(decided: Shop) -> None:
    (decided.place / "mode").write_text(
        "(here / 'busy').touch()\nwhile not (here / 'go').exists(): time.sleep(.01)"
    )
    with terminal(decided, "rollback", "--yes") as shown:
        shown.expect("deploying v1.1.0")
        while not (decided.place / "busy").exists():
            assert shown.isalive()
        shown.sendintr()
        shown.expect("interrupted")
        assert ended(shown) == 130
    assert decided.json("status")["next"]["command"] == "andon rollback --resume"
    (decided.place / "go").touch()
    assert decided.json("rollback", "--resume")["outcome"] == "succeeded"
    assert len(decided.deploys()) == 1


def test_the_board_is_alive_and_leaves_the_terminal_as_it_was(shop: Shop) -> None:
    shop.declare("checkout [bold]answers[/bold] [/] 500")
    with terminal(shop, "board", "--every", "0.2") as shown:
        before = termios.tcgetattr(shown.child_fd)
        shown.expect(r"\x1b\[\?1049h")
        shown.expect(r"checkout \[bold\]answers")
        shop.andon("note", "called ben")
        shown.expect("called ben")
        shop.andon("ack", ANDON_ACTOR="ben")
        shown.expect("acknowledged")
        shown.sendintr()
        shown.expect(r"\x1b\[\?1049l")
        last = (shown.before or "") + (shown.buffer or "")
        assert "\x1b[?25h" in last + (shown.read() or ""), "the cursor is still hidden"
        assert termios.tcgetattr(shown.child_fd) == before if sys.platform.startswith("linux") else True
        assert ended_after_reading(shown) == 0


def ended_after_reading(spawned: pexpect.spawn) -> int:
    spawned.wait()
    spawned.close()
    return int(spawned.exitstatus)


def test_the_board_survives_what_happens_to_its_window(shop: Shop) -> None:
    shop.declare()
    with terminal(shop, "board", "--every", "0.2") as shown:
        shown.expect("checkout")
        shown.setwinsize(24, 40)
        shop.andon("note", "after the change")
        shown.expect("after the")
        shown.kill(signal.SIGTERM)
        shown.expect(pexpect.EOF)


@pytest.mark.parametrize("columns", [40, 20])
def test_a_narrow_screen(shop: Shop, columns: int) -> None:
    shop.break_it()
    shop.declare("checkout answers 500 for everybody who wants to pay with a card")
    shop.andon("assess")
    for words in (("status", "-c"), ("timeline",), ("board", "--once"), ("releases",), ("evidence", "list")):
        with terminal(shop, *words, columns=columns, NO_COLOR="1") as shown:
            assert ended(shown) == 0
            text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown.before or "")
            assert "Traceback" not in text
            assert text.strip()


def test_raw_evidence_is_not_thrown_at_a_terminal(shop: Shop) -> None:
    shop.declare()
    (shop.home / "raw").write_bytes(b"\x1b]0;owned\x07")
    shop.andon("evidence", "add", str(shop.home / "raw"))
    (evidence,) = shop.json("evidence", "list")
    with terminal(shop, "evidence", "show", evidence["evidence"], "--raw", NO_COLOR="1") as shown:
        assert ended(shown) == 1
        assert "\x1b" not in (shown.before or "")
    done = shop.andon("evidence", "show", evidence["evidence"])
    assert "\\x1b]0;owned\\x07" in done.stdout


def test_no_colour_where_nobody_wants_any(shop: Shop) -> None:
    shop.declare()
    for extra in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        with terminal(shop, "status", **extra) as shown:
            assert ended(shown) == 0
            assert "\x1b" not in (shown.before or "")
    with terminal(shop, "status") as shown:
        assert ended(shown) == 0
        assert "\x1b[1;31m" in (shown.before or "")
