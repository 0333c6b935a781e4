"""One search for a culprit as it is kept between two runs of its test, and what each run says."""

from __future__ import annotations

import json

from andon.record import Record
from andon.response.bisecting import Answer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.desk.values import Attempt

#: Exit code with which a test says that this commit cannot be tested, as `git bisect run` has it.
CANNOT_TELL = 125
#: A test that somebody or the system stopped from outside says nothing: SIGINT, SIGKILL, SIGTERM, also as a
#: shell reports them.
_STOPPED = frozenset(code for number in (2, 9, 15) for code in (-number, 128 + number))
#: Changes when the form of what is kept does.
_FORM = 1


class Wanted(Record):
    """How each commit is tested."""

    #: Argument list: exit code 0 is good, 125 cannot tell, any other is bad.
    command: tuple[str, ...]
    #: Argument list that is run first in every checkout; () for none.
    setup: tuple[str, ...] = ()
    #: Seconds each of them may take.
    timeout: float = 600.0
    #: What a test that takes longer says: `skip` or `bad`.
    on_timeout: str = "skip"
    #: Answers of a kind that settle a commit.
    votes: int = 1
    #: True to remove ignored files, too, between two commits.
    fresh: bool = False


class Run(Record):
    """One run of the test."""

    commit: str
    purpose: str
    answer: str
    #: How it ended, in words.
    ending: str
    seconds: float
    output: str


class Search(Record):
    """A search under way: what is searched, how, and what was found so far."""

    #: The ends as they were named: releases, tags or commits.
    good_name: str
    bad_name: str
    #: The commits that these stood for when it began.
    good: str
    bad: str
    wanted: Wanted
    #: Id of the incident it is for; "" for none.
    incident: str = ""
    #: Commits that the incident's errors lead to, with how much likelier that makes them.
    suspected: tuple[tuple[str, float], ...] = ()
    runs: tuple[Run, ...] = ()


def answer_of(done: Attempt, on_timeout: str = "skip") -> Answer:
    """Return what a run says of its commit. One that never ran, or was stopped from outside, says nothing."""
    if done.timed_out:
        return Answer.BAD if on_timeout == "bad" else Answer.SKIP
    if done.is_missing or done.code == CANNOT_TELL or done.code in _STOPPED:
        return Answer.SKIP
    return Answer.GOOD if done.code == 0 else Answer.BAD


def written(begun: Search, runs: Sequence[Run]) -> bytes:
    """Return a search and its runs so far as JSON; `read` is the inverse."""

    def plain(value: Record) -> dict[str, object]:
        return {field: getattr(value, field) for field in value.__fields__}

    told = plain(begun) | {"wanted": plain(begun.wanted), "runs": [plain(run) for run in runs]}
    return json.dumps({"form": _FORM, **told}).encode()


def read(content: bytes) -> Search | None:
    """Return the search that was kept; None for what another Andon kept, or nobody."""
    try:
        told = json.loads(content)
        if told.pop("form") != _FORM:
            return None
        wanted = told.pop("wanted")
        wanted |= {key: tuple(value) for key, value in wanted.items() if isinstance(value, list)}
        suspected = tuple((str(commit), float(factor)) for commit, factor in told.pop("suspected"))
        runs = tuple(Run(**run) for run in told.pop("runs"))
        return Search(**told, wanted=Wanted(**wanted), suspected=suspected, runs=runs)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
