"""Searching in an incident: the range it names, the runs, the refusals, what is kept, what goes on record."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from andon.config.model import Config
from andon.config.model_production import ProbeConfig
from andon.desk.bad_range import bad_range, suspects
from andon.desk.bisect import resume, search, smoke_command
from andon.desk.bisect_runs import Run, Search, Wanted, answer_of, read, written
from andon.desk.casefile import load
from andon.desk.deployments import record_deployment
from andon.desk.operation import hold
from andon.desk.rollback import plan_rollback
from andon.desk.values import Attempt
from andon.errors import AndonError, Conflict, InvalidInput, NotFound, Refused, Unavailable
from andon.incident import events as e
from andon.incident.timeline import timeline
from andon.response.bisecting import Answer
from andon.response.culprits import likelier
from tests.fakes.desk import FakeDesk
from tests.fakes.engine import execute
from tests.fakes.production import FakeCheckouts, FakeRepository
from tests.unit.desk.shop import decided, declared, shop
from tests.unit.incident.cases import assert_commands_exist

#: Twelve commits; release v1 is the first, v2 the fourth, v3 the last.
LINE = tuple(
    (
        f"{number:02x}" * 20,
        f"Change {number}",
        ("shop/price.py",) if number == 7 else (f"docs/{number}.md",),
        {0: ("v1",), 3: ("v2",), 11: ("v3",)}.get(number, ()),
    )
    for number in range(12)
)
SECRET = "hunter2hunter2"
WANTED = Wanted(command=("smoke", "--quick"))
CULPRIT = LINE[7][0]


def ended(code: int, **more: Any) -> Attempt:
    return Attempt(code=code, ending=f"exit code {code}", output="what it printed", seconds=0.5, **more)


def breaks_at(number: int, skips: tuple[int, ...] = ()) -> Callable[[str, tuple[str, ...]], Attempt]:
    def test(commit: str, arguments: tuple[str, ...]) -> Attempt:
        place = [one[0] for one in LINE].index(commit)
        return ended(125 if place in skips else int(place >= number))

    return test


def made(tmp_path: Path, test: Callable[[str, tuple[str, ...]], Attempt], **more: Any) -> FakeDesk:
    repository = more.pop("repository", None) or FakeRepository(str(tmp_path), LINE)
    return shop(tmp_path, repository=repository, checkouts=FakeCheckouts(test), **more)


def silent(_line: str) -> None:
    return


def searched(desk: FakeDesk, wanted: Wanted = WANTED, **more: Any) -> Any:
    state = more.pop("state", None) or decided(desk)
    within = bad_range(desk, state, "", "")
    return search(
        desk, state, within, wanted, likelier(suspects(desk, state, within)), more.get("tell", silent)
    )


def _unavailable(*_arguments: Any, **_more: Any) -> Any:
    raise Unavailable("the journal is locked")


def refused(kind: type[AndonError], rule: str, action: Callable[[], Any]) -> AndonError:
    with pytest.raises(kind) as caught:
        action()
    assert caught.value.rule == rule, caught.value
    assert caught.value.remedy
    assert_commands_exist(caught.value.remedy)
    return caught.value


# ---- the range


def test_the_range_is_from_the_last_known_good_release_to_the_bad_one(tmp_path: Path) -> None:
    desk = made(tmp_path, breaks_at(7))
    within = bad_range(desk, decided(desk), "", "")
    assert (within.good_name, within.bad_name, len(within.commits)) == ("v2", "v3", 8)
    assert within.commits[-1].id == within.bad


def test_after_a_rollback_it_is_what_was_taken_out(tmp_path: Path) -> None:
    desk = made(tmp_path, breaks_at(7))
    state = decided(desk)
    state = execute(desk, state, plan_rollback(desk, state, "v1")).incident
    within = bad_range(desk, state, "", "")
    assert (within.good_name, within.bad_name, len(within.commits)) == ("v1", "v3", 11)


def test_two_releases_or_commits_can_be_named(tmp_path: Path) -> None:
    desk = made(tmp_path, breaks_at(7))
    assert len(bad_range(desk, None, "v1", LINE[5][0][:12]).commits) == 5


def test_a_range_that_nobody_knows_or_that_is_none_is_refused(tmp_path: Path) -> None:
    desk = made(tmp_path, breaks_at(7))
    refused(Refused, "bad-range", lambda: bad_range(desk, None, "", ""))
    refused(Refused, "bad-range", lambda: bad_range(desk, declared(desk), "", ""))
    refused(Refused, "bad-range", lambda: bad_range(desk, None, "v3", "v1"))
    refused(Refused, "bad-range", lambda: bad_range(desk, None, "v3", "v3"))
    record_deployment(desk, "build-77")
    refused(NotFound, "bad-range", lambda: bad_range(desk, None, "build-77", "v3"))
    with pytest.raises(NotFound):
        bad_range(desk, None, "v9", "v3")
    with pytest.raises(InvalidInput):
        bad_range(desk, None, "--upload-pack=x", "v3")


# ---- the suspects


def test_the_errors_of_the_incident_lead_to_a_commit(tmp_path: Path) -> None:
    desk = made(tmp_path, breaks_at(7))
    state = declared(desk)
    trace = (
        b'Traceback (most recent call last):\n  File "/srv/shop/price.py", line 3, in total\nKeyError: 1\n'
    )
    kept = desk.evidence.put(trace, "text/plain")
    attached = e.EvidenceAttached(
        evidence=kept.evidence, kind="log", title="app", media_type="text/plain", size=kept.size
    )
    desk.append(state.id, (attached,))
    within = bad_range(desk, None, "v2", "v3")
    ranked = suspects(desk, load(desk, state.id), within)
    assert (ranked[0].commit, ranked[0].files) == (CULPRIT, ("shop/price.py",))
    assert suspects(desk, None, within)[0].commit == within.bad  # by age alone


# ---- the search


def test_the_culprit_goes_on_record_with_every_run_as_evidence(tmp_path: Path) -> None:
    desk = made(tmp_path, breaks_at(7))
    told: list[str] = []
    done = searched(desk, tell=told.append)
    assert done.found.commits == (CULPRIT,)
    assert done.found.confidence == "proven"
    found = load(desk, done.incident.id).culprit
    assert found is not None
    assert (found.commits, found.subject, found.confidence) == ((CULPRIT,), "Change 7", "proven")
    assert (found.candidates, found.tests, found.command) == (8, len(done.runs), ("smoke", "--quick"))
    assert found.evidence is not None
    report = desk.evidence.get(found.evidence).content.decode()
    assert report.count("what it printed") == len(done.runs)
    assert any(kept.evidence == found.evidence for kept in done.incident.evidence)
    (line,) = [
        entry.text for entry in timeline(desk.history(done.incident.id)) if entry.text.startswith("culprit ")
    ]
    assert line.startswith(f"culprit proven: {CULPRIT[:10]} Change 7")
    assert len([line for line in told if line.startswith("testing")]) == len(done.runs)
    assert (desk.checkouts.opened, desk.checkouts.kept) == (0, b"")


def test_each_run_is_prepared_in_its_own_checkout(tmp_path: Path) -> None:
    def test(commit: str, arguments: tuple[str, ...]) -> Attempt:
        return ended(int(commit == LINE[8][0])) if arguments == ("make", "deps") else breaks_at(7)(commit, ())

    desk = made(tmp_path, test)
    done = searched(desk, Wanted(command=("smoke",), setup=("make", "deps"), fresh=True))
    assert done.found.commits == (CULPRIT,)
    steps = iter(desk.checkouts.done)
    for run in done.runs:
        assert next(steps) == (run.commit, True)
        assert next(steps) == (run.commit, ("make", "deps"))
        if run.answer == "skip":
            assert run.ending == "setup: exit code 1"
        else:
            assert next(steps) == (run.commit, ("smoke",))
    assert next(steps, None) is None


def test_a_result_that_could_not_be_recorded_is_recorded_later(tmp_path: Path) -> None:
    desk = made(tmp_path, breaks_at(7))
    state = decided(desk)
    append, desk.append = desk.append, _unavailable  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        searched(desk, state=state)
    desk.append = append  # type: ignore[method-assign]
    tried = len(desk.checkouts.done)
    done = resume(desk, silent)
    assert done.incident is not None
    assert done.incident.culprit is not None
    assert len(desk.checkouts.done) == tried


def test_what_cannot_be_tested_leaves_several(tmp_path: Path) -> None:
    done = searched(made(tmp_path, breaks_at(7, skips=(6, 7, 8))))
    assert done.found.commits == tuple(one[0] for one in LINE[6:10])
    assert done.found.confidence == done.incident.culprit.confidence == "narrowed"


@pytest.mark.parametrize(
    ("test", "words"),
    [
        (lambda commit, arguments: ended(0), "does not show the failure"),
        (lambda commit, arguments: ended(1), "fails on v2 already (exit code 1: what it printed)"),
        (lambda commit, arguments: ended(127, is_missing=True), "v2 cannot be tested"),
    ],
)
def test_a_test_that_does_not_tell_the_ends_apart_is_refused(tmp_path: Path, test: Any, words: str) -> None:
    desk = made(tmp_path, test)
    problem = refused(Refused, "bisect-ends", lambda: searched(desk))
    assert words in problem.message
    assert desk.checkouts.kept == b""
    assert all(not isinstance(r.event, e.CulpritFound) for r in desk.history("INC-1"))


def test_submodules_need_to_be_fetched_on_purpose(tmp_path: Path) -> None:
    told: dict[tuple[str, str], bytes | None] = {(LINE[11][0], ".gitmodules"): b"[submodule]"}
    repository = FakeRepository(str(tmp_path), LINE, told)
    desk = made(tmp_path, breaks_at(7), repository=repository)
    state = decided(desk)
    refused(Refused, "bisect-submodules", lambda: searched(desk, state=state))
    with pytest.raises(Refused, match="cannot be tested"):
        searched(
            made(tmp_path, lambda commit, arguments: ended(1), repository=repository),
            Wanted(command=("smoke",), setup=("git", "submodule", "update")),
        )


def test_two_searches_at_once_are_one_too_many(tmp_path: Path) -> None:
    desk = made(tmp_path, breaks_at(7))
    with hold("bisect-shop"), pytest.raises(Conflict):
        searched(desk)


@pytest.mark.parametrize("after", range(6))
def test_cut_short_anywhere_it_goes_on_and_repeats_no_run(tmp_path: Path, after: int) -> None:
    whole = searched(made(tmp_path / "whole", breaks_at(7)))
    runs: list[str] = []

    def test(commit: str, arguments: tuple[str, ...]) -> Attempt:
        if len(runs) == after:
            runs.append("interrupted")
            raise KeyboardInterrupt
        runs.append(commit)
        return breaks_at(7)(commit, arguments)

    desk = made(tmp_path / "cut", test)
    with pytest.raises(KeyboardInterrupt):
        searched(desk)
    assert desk.checkouts.opened == 0
    done = resume(desk, silent)
    assert [run.commit for run in done.runs] == [run.commit for run in whole.runs]
    assert [commit for commit in runs if commit != "interrupted"] == [run.commit for run in whole.runs]
    assert (done.range.good_name, done.range.bad_name) == ("v2", "v3")
    assert done.incident is not None
    assert done.incident.culprit is not None
    refused(NotFound, "bisect-resume", lambda: resume(desk, silent))


def test_a_new_search_gives_up_the_one_that_was_cut_short(tmp_path: Path) -> None:
    desk = made(tmp_path, breaks_at(7))
    desk.checkouts.remember(b"an older one")
    told: list[str] = []
    assert searched(desk, tell=told.append).found.commits == (CULPRIT,)
    assert "given up" in told[0]


@pytest.mark.parametrize("kept", [b"", b"{", b"[]", b'{"form": 99}', b'{"form": 1, "wanted": []}'])
def test_what_another_andon_kept_is_no_search(tmp_path: Path, kept: bytes) -> None:
    desk = made(tmp_path, breaks_at(7))
    desk.checkouts.remember(kept)
    refused(NotFound, "bisect-resume", lambda: resume(desk, silent))


def test_what_is_kept_comes_back_whole() -> None:
    run = Run(commit="c", purpose="search", answer="bad", ending="exit code 1", seconds=1.5, output="ünï")
    begun = Search(
        good_name="v1",
        bad_name="v2",
        good="a" * 40,
        bad="b" * 40,
        wanted=Wanted(command=("a", "b c"), setup=("d",), timeout=3, on_timeout="bad", votes=2, fresh=True),
        incident="INC-7",
        suspected=(("c", 2.5),),
    )
    assert read(written(begun, [run])) == Search(
        **{f: getattr(begun, f) for f in begun.__fields__} | {"runs": (run,)}
    )


def test_secrets_do_not_reach_what_is_kept(tmp_path: Path) -> None:
    def test(commit: str, arguments: tuple[str, ...]) -> Attempt:
        text = f"token={SECRET}"
        return Attempt(code=breaks_at(7)(commit, ()).code, ending=text, output=text, seconds=0.1)

    desk = made(tmp_path, test)
    kept: list[bytes] = []
    desk.checkouts.remember = kept.append  # type: ignore[method-assign]
    told: list[str] = []
    done = searched(desk, tell=told.append)
    assert not any(SECRET.encode() in content for content in kept)
    assert not any(SECRET in line for line in told)
    assert SECRET.encode() not in desk.evidence.get(done.incident.culprit.evidence).content


# ---- what a run says


@pytest.mark.parametrize(
    ("done", "on_timeout", "answer"),
    [
        (ended(0), "skip", Answer.GOOD),
        (ended(1), "skip", Answer.BAD),
        (ended(-11), "skip", Answer.BAD),  # a crash is a failure
        (ended(139), "skip", Answer.BAD),
        (ended(125), "skip", Answer.SKIP),
        (ended(-9), "skip", Answer.SKIP),  # somebody else's doing
        (ended(137), "skip", Answer.SKIP),
        (ended(127, is_missing=True), "skip", Answer.SKIP),
        (ended(-15, timed_out=True), "skip", Answer.SKIP),
        (ended(-15, timed_out=True), "bad", Answer.BAD),
    ],
)
def test_what_a_run_says(done: Attempt, on_timeout: str, answer: Answer) -> None:
    assert answer_of(done, on_timeout) is answer


def test_a_configured_smoke_test_is_used_when_it_is_a_command(tmp_path: Path) -> None:
    smoke = (ProbeConfig(name="unit", command=("make", "smoke")), ProbeConfig(name="page", url="http://shop"))
    desk = FakeDesk(tmp_path, config=Config(service="shop", smoke=smoke))
    assert smoke_command(desk, "unit") == ("make", "smoke")
    assert (
        "asks production"
        in refused(InvalidInput, "bisect-smoke", lambda: smoke_command(desk, "page")).message
    )
    refused(InvalidInput, "bisect-smoke", lambda: smoke_command(desk, "none"))
