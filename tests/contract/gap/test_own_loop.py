"""A loop of its own gives back what came of it, and leaves nothing running when it is interrupted."""

from __future__ import annotations

import asyncio
import signal
import threading

import pytest

from andon.production.gap.own_loop import in_own_loop


def loops() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "andon-gap-loop"]


async def seven() -> int:
    return 7


async def fails() -> int:
    raise ValueError("no")


def test_the_result_and_the_problem_come_back() -> None:
    assert in_own_loop(seven) == 7
    with pytest.raises(ValueError, match="no"):
        in_own_loop(fails)
    assert loops() == []


def test_it_can_be_used_from_within_another_loop() -> None:
    async def outer() -> int:
        return in_own_loop(seven)

    assert asyncio.run(outer()) == 7


def test_an_interrupt_cancels_it_and_goes_on() -> None:
    ended = threading.Event()

    async def hangs() -> None:
        main = threading.main_thread().ident or 0
        asyncio.get_running_loop().call_later(0.05, signal.pthread_kill, main, signal.SIGINT)
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    with pytest.raises(KeyboardInterrupt):
        in_own_loop(hangs)
    assert ended.is_set()
    assert loops() == []
