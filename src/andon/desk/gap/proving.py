"""Showing a generated test red with the gap and green without it, by the team's own suite."""

from __future__ import annotations

import contextlib
import os

from andon.desk.team_files import path_in
from andon.errors import AndonError, Unavailable
from andon.gaps.failure import Failure
from andon.gaps.words import Showed
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from andon.desk.gap.consent import Consents
    from andon.desk.ports import Desk
    from andon.desk.ports_gap import GapLaboratory
    from andon.gaps.beliefs import Beliefs
    from andon.gaps.experiment import Part, Replay
    from andon.gaps.prevention.drafts import Draft

#: How often it must be green.
_GREEN = 2


class Proof(Record):
    """Whether a test is red with the gap and green without."""

    holds: bool
    told: str


def prove(
    desk: Desk,
    draft: Draft,
    failure: Failure,
    beliefs: Beliefs,
    *,
    may: Consents,
    deadline: float,
    say: Callable[[str], None],
) -> Proof:
    """Run a draft where the gap is and where it is not; the suite's directory is as before afterwards.

    Never raises for a world or a suite that fails: that proves nothing.
    """
    wanted = Failure(
        text=draft.mark or failure.text, absent="" if draft.mark or failure.text else failure.absent
    )
    try:
        with desk.gap_works.open(
            failure,
            beliefs,
            (draft.path,),
            consent=may,
            deadline=deadline,
            command=draft.command,
            sight=wanted,
        ) as laboratory:
            if laboratory.suite is None or (why := laboratory.suite.cannot()):
                return Proof(holds=False, told="no suite is configured" if laboratory.suite is None else why)
            for kind in {part.kind for part in draft.parts}:
                laboratory.parts(kind)  # what a kind knows of its parts, it learns here
            if draft.turned:
                return _turned(desk, laboratory, draft, say)
            say("the test without the gap: it must be green")
            green = _run(desk, laboratory, draft, draft.green or draft.text, (), _GREEN)
            if green.showed is not Showed.PASSED:
                return Proof(holds=False, told=f"it is not green without the gap: {_why(green)}")
            say("the test with the gap: it must be red")
            red = _run(desk, laboratory, draft, draft.text, draft.parts, 1)
    except AndonError as problem:
        return Proof(holds=False, told=f"it could not be run: {problem}")
    if not _is_red(red):
        return Proof(holds=False, told=f"it is not red with the gap: {_why(red)}")
    where = (
        "with " + " and ".join(part.name for part in draft.parts) if draft.parts else f"with {draft.brings}"
    )
    return Proof(holds=True, told=f"red {where}, green without ({green.runs} times)")


def _turned(desk: Desk, laboratory: GapLaboratory, draft: Draft, say: Callable[[str], None]) -> Proof:
    """Show a test red in the tests' own world, and green there once it is turned round."""
    say("the test in the tests' own world: it must be red")
    red = _run(desk, laboratory, draft, draft.text, (), 1)
    if not _is_red(red):
        return Proof(holds=False, told=f"it is not red in the tests' own world: {_why(red)}")
    say("the same turned round: it must be green")
    other = _run(desk, laboratory, draft, draft.turned, (), _GREEN)
    if other.showed is not Showed.PASSED:
        return Proof(holds=False, told=f"it is not green when it is turned round: {_why(other)}")
    return Proof(
        holds=True, told="red in the tests' own world; turned round, green there until the cause is mended"
    )


def _is_red(replay: Replay) -> bool:
    """True when the test itself failed: what it ran against was there."""
    if replay.showed is Showed.REPRODUCED:
        return True
    return replay.showed is Showed.OTHER and replay.seen is not None and bool(replay.seen.test)


def _why(replay: Replay) -> str:
    seen = " ".join(replay.seen.text.split())[:200] if replay.seen is not None else ""
    return "; ".join(filter(None, (replay.showed.value, replay.told, seen)))


def _run(
    desk: Desk, laboratory: GapLaboratory, draft: Draft, text: str, parts: Collection[Part], times: int
) -> Replay:
    with _in_place(os.path.join(desk.config.root, desk.config.gap.directory), draft.path, text):
        return laboratory.replay(parts, times=times)


@contextlib.contextmanager
def _in_place(home: str, name: str, text: str) -> Iterator[None]:
    """Put a file into the suite for as long as the block runs; what was there is put back."""
    path = path_in(home, name)
    try:
        before = _content(path)
        made = _directories(os.path.dirname(path))
        _write(path, text.encode())
    except OSError as problem:
        raise Unavailable(
            f"the test cannot be put beside the others: {problem.strerror}",
            where=path,
            remedy="check its permissions",
        ) from problem
    try:
        yield
    finally:
        if before is None:
            with contextlib.suppress(OSError):
                os.unlink(path)
        else:
            _write(path, before)
        for directory in reversed(made):
            with contextlib.suppress(OSError):
                os.rmdir(directory)


def _content(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def _write(path: str, content: bytes) -> None:
    with open(path, "wb") as file:
        file.write(content)


def _directories(path: str) -> list[str]:
    """Make a directory with those above it; return the ones that were not there."""
    missing: list[str] = []
    while path and not os.path.isdir(path):
        missing.insert(0, path)
        path = os.path.dirname(path)
    for one in missing:
        os.mkdir(one)
    return missing
