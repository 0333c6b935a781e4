"""Whatever people type in whatever order: nothing crashes, every promise of the protocol holds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.errors import AndonError
from andon.incident import commands as c
from andon.incident import events as e
from andon.incident.checklist import checklist, open_lines
from andon.incident.checks import CHECKS
from andon.incident.codec import decode, encode, type_of
from andon.incident.decide import decide
from andon.incident.evolve import evolve, fold
from andon.incident.hotfix_state import owes_merge
from andon.incident.leak_state import HERE
from andon.incident.leaking import residual
from andon.incident.next_step import next_step
from andon.incident.recorded import Recorded
from andon.incident.state import Incident
from andon.incident.timeline import durations, timeline
from andon.incident.words import Authority, Choice, CommandId, EventId, Outcome, Severity, Status, Verdict
from andon.record import replace
from tests.unit.incident.cases import (
    BASE,
    FIXED,
    HASH,
    INCIDENT,
    ITEMS,
    START,
    adopted,
    approved,
    assessed,
    backed_up,
    banned,
    cleaned,
    culprit,
    declared,
    ended,
    exposed,
    finished,
    hotfix_checked,
    hotfix_merged,
    hotfix_planned,
    hotfix_started,
    hurt,
    located,
    planned,
    purge_verified,
    purged,
    push_planned,
    pushed,
    revoked,
    verified,
)
from tests.unit.incident.everything import HOSTILE
from tests.unit.incident.test_checks import REGRESSION

FLAG_ACTS = (
    e.FlagActPlanned(
        operation="f1",
        purpose="kill",
        system="andon",
        flag="new-pricing",
        variant="off",
        before="on for 25 %",
        undo="andon flags enable new-pricing",
    ),
    e.FlagActEnded(operation="f1", outcome=Outcome.SUCCEEDED, connected=3, confirmed=3),
)
GAP = (
    e.GapSearchStarted(search="g1", suite="playwright", failure="GET /cart: 500", hosts=("127.0.0.1",)),
    e.GapSearchEnded(
        search="g1",
        answer="environment",
        kinds=("environment",),
        place=("STORE_TZ",),
        tier="narrowed",
        summary="STORE_TZ is Asia/Tokyo",
        looks=(e.GapLook(kind="data", verdict=Verdict.PASSED, is_to_blame=False, told="not it"),),
    ),
    e.GapSearchEnded(search="g2", answer="given up"),
    e.GapExplained(search="g1", missed="the time zone", why="the tests set none", catch="run them in it"),
    e.GapPrevented(search="g1", what="parity", path="gap-parity.toml", action="A1"),
)
LEAK = (
    e.LeakReported(source="value", credentials=(e.LeakedCredential(mark="a1b2c3", kind="github-token"),)),
    e.LeakLocated(verdict=Verdict.PASSED, summary="3 of 40 objects", objects=40, holders=3, commits=2),
    e.ExposureAssessed(since=START, until=None, summary="public since the first push"),
    e.CredentialRevoked(mark="a1b2c3", statement="revoked at the provider"),
    e.CredentialRevoked(mark="ffffff", statement="of no leak"),
    e.RevocationSkipped(mark="a1b2c3", reason="the provider is down"),
    e.HistoryBackedUp(path="backup.bundle", sha256="0" * 64, size=9, delete_after=START),
    e.HistoryPurged(operation="p1", mirror="mirror.git", commits=2, references=("refs/heads/main",)),
    e.PurgeVerified(operation="p1", verdict=Verdict.FAILED, summary="1 survivor", objects=40),
    e.PurgeVerified(operation="p1", verdict=Verdict.PASSED, summary="no survivor", objects=40),
    e.PurgePushPlanned(operation="p1", remote="origin", refs=()),
    e.PurgePushed(operation="p1", remote="origin", pushed=("refs/heads/main",)),
    e.LeakBanned(place="origin", objects=3, values=1),
    e.LeakCleaned(verdict=Verdict.PASSED, summary="all gone"),
    e.LeakJudged(residual=Severity.P4, reason="the old keys are dead"),
)
PEOPLE = st.sampled_from(("ann", "bob"))
WORDS = st.sampled_from(("because", "", "  ", HOSTILE[2], HOSTILE[7]))
OPERATIONS = st.sampled_from(("op1", "op2", "op1-undo", ""))
ACTIONS = st.sampled_from(("A1", "a1", "A2", ""))
VERSIONS = st.sampled_from(("v1", "v2", "v3", ""))
VERDICTS = st.sampled_from(list(Verdict))
NAMED = st.sampled_from(
    (
        *(i.key for i in ITEMS),
        *(i.check for i in ITEMS),
        "hand",
        "the",
        "",
        "migrations-reversible",
        "nothing",
    )
)


def _decide(choice: Choice, recommended: Choice, reason: str) -> c.DecideResponse:
    return c.DecideResponse(
        choice=choice,
        rule="r",
        recommended=recommended,
        facts=(),
        authority=Authority.SOLO,
        decided_by="ann",
        reason=reason,
    )


def _plan(operation: str, migrations: Verdict, to_version: str) -> c.PlanRollback:
    return c.PlanRollback(plan=planned(operation, migrations, to_version=to_version))


def _check(check: str, verdict: Verdict) -> c.RecordCheck:
    return c.RecordCheck(checked=e.ItemChecked(check=check, verdict=verdict, summary="s"))


CONFIDENCE = st.sampled_from(("proven", "likely", "narrowed"))


def _tried(from_version: str, to_version: str, verdict: Verdict) -> c.RecordTrial:
    return c.RecordTrial(
        tried=e.MigrationsTried(
            from_version=from_version, to_version=to_version, verdict=verdict, summary="s"
        )
    )


COMMANDS: dict[type, st.SearchStrategy[c.Command]] = {
    c.ConfirmImpact: st.just(c.ConfirmImpact(impact=hurt())),
    c.Acknowledge: st.builds(c.Acknowledge, take_over=st.booleans()),
    c.ChangeSeverity: st.builds(c.ChangeSeverity, severity=st.sampled_from(list(Severity)), reason=WORDS),
    c.AddNote: st.builds(c.AddNote, text=WORDS),
    c.AttachEvidence: st.just(
        c.AttachEvidence(
            evidence=e.EvidenceAttached(evidence=HASH, kind="log", title="t", media_type="text/plain", size=1)
        )
    ),
    c.ReportCaptureFailure: st.builds(c.ReportCaptureFailure, source=WORDS, reason=WORDS),
    c.RecordAssessment: st.builds(
        lambda v: c.RecordAssessment(assessment=assessed(last_known_good=v)), VERSIONS
    ),
    c.DecideResponse: st.builds(
        _decide, st.sampled_from(list(Choice)), st.sampled_from((Choice.ROLLBACK, Choice.HOTFIX)), WORDS
    ),
    c.PlanRollback: st.builds(_plan, OPERATIONS, VERDICTS, VERSIONS),
    c.RecordTrial: st.builds(_tried, VERSIONS, VERSIONS, VERDICTS),
    c.ApproveOperation: st.builds(
        lambda o, p, n: c.ApproveOperation(
            approved=approved(o, p),
            plan=planned(o) if n and p == "rollback" else None,
            hotfix_plan=hotfix_planned(o) if n and p == "hotfix" else None,
        ),
        OPERATIONS,
        st.sampled_from(("rollback", "undo", "hotfix")),
        st.booleans(),
    ),
    c.StartHotfix: st.just(c.StartHotfix(started=hotfix_started())),
    c.RecordHotfixTest: st.builds(
        lambda b, a: c.RecordHotfixTest(
            tested=e.HotfixTested(commit=FIXED, base_commit=BASE, command=("t",), before=b, after=a)
        ),
        VERDICTS,
        VERDICTS,
    ),
    c.CheckHotfix: st.builds(lambda v: c.CheckHotfix(checked=hotfix_checked(v)), VERDICTS),
    c.PlanHotfix: st.builds(lambda o: c.PlanHotfix(plan=hotfix_planned(o)), OPERATIONS),
    c.RecordLeak: st.sampled_from([c.RecordLeak(event=event) for event in LEAK]),
    c.RecordGap: st.sampled_from([c.RecordGap(event=event) for event in GAP]),
    c.RecordFlagAct: st.sampled_from([c.RecordFlagAct(event=event) for event in FLAG_ACTS]),
    c.MergeHotfix: st.just(c.MergeHotfix(merged=hotfix_merged())),
    c.EndOperation: st.builds(
        lambda o, w: c.EndOperation(ended=ended(o, w)),
        st.sampled_from((None, *Outcome)),
        OPERATIONS,
    ),
    c.StartDeploy: st.builds(
        c.StartDeploy,
        operation=OPERATIONS,
        purpose=st.sampled_from(("rollback", "hotfix", "undo")),
        from_version=VERSIONS,
        version=VERSIONS,
        undo=WORDS,
        done_by_hand=st.booleans(),
    ),
    c.FinishDeploy: st.builds(
        lambda o, w: c.FinishDeploy(finished=finished(o, w)), st.sampled_from(list(Outcome)), OPERATIONS
    ),
    c.RecordVerification: st.builds(lambda v: c.RecordVerification(verification=verified(v)), VERDICTS),
    c.RecordCheck: st.builds(_check, NAMED, VERDICTS),
    c.SignItem: st.builds(c.SignItem, item=NAMED, reason=WORDS),
    c.TakeShortcut: st.builds(c.TakeShortcut, item=NAMED, reason=WORDS, action=ACTIONS),
    c.Mitigate: st.builds(c.Mitigate, by=WORDS),
    c.Resolve: st.builds(c.Resolve, cause=WORDS),
    c.RecordCulprit: st.builds(lambda how: c.RecordCulprit(found=culprit(how)), CONFIDENCE),
    c.WriteSection: st.builds(c.WriteSection, section=WORDS, text=WORDS),
    c.DraftPostmortem: st.just(c.DraftPostmortem()),
    c.PublishPostmortem: st.builds(
        c.PublishPostmortem,
        path=WORDS,
        evidence=st.just(HASH),
        chain_head=WORDS,
        missing=st.sampled_from(((), (), ("x",))),
    ),
    c.OpenAction: st.builds(
        c.OpenAction,
        action=ACTIONS,
        title=WORDS,
        origin=st.sampled_from(("person", "shortcut:s4.3", "section:x")),
        kind=st.sampled_from(("tests", "other")),
    ),
    c.AssignAction: st.builds(c.AssignAction, action=ACTIONS, owner=PEOPLE),
    c.FinishAction: st.builds(c.FinishAction, action=ACTIONS, proof=WORDS),
    c.DropAction: st.builds(c.DropAction, action=ACTIONS, reason=WORDS),
    c.LogRegression: st.just(c.LogRegression(regression=REGRESSION)),
    c.LogIncident: st.just(c.LogIncident(path="INCIDENTS.md")),
    c.Close: st.builds(c.Close, duplicate_of=st.sampled_from(("", "", "INC-1", INCIDENT))),
    c.Reopen: st.builds(c.Reopen, reason=WORDS),
}
ANY = st.tuples(st.one_of(*COMMANDS.values()), PEOPLE)

#: The way through without a detour; a run starts after a part of it, so that the end is reached too.
WAY: tuple[c.Command, ...] = (
    c.ConfirmImpact(impact=hurt()),
    c.Acknowledge(),
    c.RecordAssessment(assessment=assessed()),
    _decide(Choice.ROLLBACK, Choice.ROLLBACK, ""),
    _plan("op1", Verdict.PASSED, "v2"),
    c.StartDeploy(operation="op1", purpose="rollback", from_version="v3", version="v2", undo="u"),
    c.FinishDeploy(finished=finished()),
    c.RecordVerification(verification=verified()),
    c.TakeShortcut(item="s4.3", reason="no time", action="A1"),
    c.Mitigate(by="rollback"),
    c.RecordCulprit(found=culprit()),
    c.Resolve(cause="a price was null"),
    c.SignItem(item="s5.2", reason="in the wiki"),
    c.DraftPostmortem(),
    c.PublishPostmortem(path="p", evidence=HASH, chain_head="", missing=()),
    c.LogIncident(path="INCIDENTS.md"),
    c.Close(),
)


class Run:
    """A history that grows by commands, and the promises it must keep at every step."""

    def __init__(self) -> None:
        self.history: list[Recorded] = []
        self.state: Incident | None = None
        self._record((declared(), adopted()), "ann")

    def give(self, command: c.Command, by: str) -> bool:
        """Carry out a command; return whether it was accepted."""
        assert self.state is not None
        before = repr(self.state)
        try:
            events = decide(self.state, command, by)
        except AndonError as problem:
            assert problem.message and problem.where and problem.remedy, problem
            assert repr(self.state) == before
            return False
        self._guard(command, events)
        self._record(events, by)
        self._check()
        return True

    def _record(self, events: tuple[e.Event, ...], by: str) -> None:
        for event in events:
            seq = len(self.history) + 1
            recorded = Recorded(
                stream=INCIDENT,
                seq=seq,
                id=EventId(f"e{seq}"),
                at=START + timedelta(seconds=seq if seq % 5 else -seq),
                actor=by,
                command=CommandId(f"c{seq}"),
                event=decode(type_of(event), encode(event)),
                hash=f"{seq:064x}",
            )
            assert recorded.event == event
            self.history.append(recorded)
            self.state = evolve(self.state, recorded)

    def _guard(self, command: c.Command, events: tuple[e.Event, ...]) -> None:
        """What must hold the moment before a moment is recorded."""
        state = self.state
        assert state is not None
        for event in events:
            match event:
                case e.IncidentMitigated():
                    verdict = state.verification.verdict if state.verification else None
                    is_dead = state.leak is not None and state.leak.is_contained
                    assert verdict is Verdict.PASSED or "failure-resolved" in state.signed or is_dead
                    assert state.leak is None or not state.leak.waiting_for_revocation
                    assert state.running_operation is None
                case e.LeakJudged() if state.leak is not None:
                    assert event.residual is not Severity.P4 or not state.leak.unrevoked
                case e.IncidentResolved():
                    assert state.status is Status.MITIGATED and event.cause.strip()
                case e.IncidentClosed(duplicate_of=""):
                    assert state.status is Status.RESOLVED
                    assert {s.action for s in state.shortcuts} <= {a.id for a in state.actions}
                    assert not owes_merge(state), "a fix that only production has"
                    if state.needs_postmortem:
                        assert state.published is not None and not open_lines(state)
                case e.IncidentClosed():
                    assert not state.operations
                case e.OperationApproved():
                    assert state.pending_approval is None and state.running_operation is None
                    assert state.approval(event.operation) is None
                case e.OperationEnded():
                    known = state.approval(event.operation)
                    assert known is not None and known.ended is None
                    operation = state.operation(event.operation)
                    assert operation is None or operation.outcome is not None
                case e.DeployStarted():
                    waiting = state.pending_approval
                    assert (
                        waiting is None
                        or waiting.operation == event.operation
                        or (state.operation(waiting.operation) is not None)
                    )
                    assert event.operation not in {o.id for o in state.operations}
                    assert all(o.outcome is not None for o in state.operations)
                    assert not state.operations or state.operations[-1].outcome is not Outcome.UNKNOWN
                    is_ours = isinstance(command, c.StartDeploy) and not command.done_by_hand
                    if event.purpose == "hotfix" and is_ours:
                        assert state.hotfix_plan is not None
                        passed = [k for k in state.hotfix_checks if k.commit == state.hotfix_plan.commit]
                        assert passed[-1].verdict is Verdict.PASSED
                    if event.purpose == "rollback":
                        assert state.plan is not None and state.plan.operation == event.operation
                case e.ShortcutTaken():
                    opened = [x.action for x in events if isinstance(x, e.ActionOpened)]
                    assert opened == [event.action]
                    assert event.item not in ("s1.1", "s4.1", "s5.1", "s7.1"), "never justified"

    def _check(self) -> None:
        """What must hold after every step."""
        state = self.state
        assert state is not None
        assert fold(self.history) == state, "folding at once and step by step agree"
        assert state.length == len(self.history)
        ids = [a.id.lower() for a in state.actions]
        assert len(ids) == len(set(ids)), "two pieces of work have one name"
        assert sum(o.outcome is None for o in state.operations) <= 1
        assert not state.worst_severity.value > state.severity.value
        assert len(checklist(state)) == len(ITEMS)
        for check in CHECKS.values():
            assert check(state).summary is not None
        step = next_step(state)
        assert bool(step.command) == (state.status is not Status.CLOSED)
        clocks = durations(state, START)
        assert all(getattr(clocks, f) is None or getattr(clocks, f) >= 0 for f in clocks.__fields__)
        assert len(timeline(self.history)) == len(self.history)


@given(st.integers(0, len(WAY)), st.lists(ANY, max_size=25))
@settings(max_examples=250, deadline=None)
def test_any_sequence_of_commands(on_the_way: int, commands: list[tuple[c.Command, str]]) -> None:
    run = Run()
    for command in WAY[:on_the_way]:
        assert run.give(command, "ann")
    for command, by in commands:
        run.give(command, by)


def test_the_way_through_is_accepted_to_its_end() -> None:
    run = Run()
    for command in WAY:
        assert run.give(command, "ann"), command
    assert run.state is not None and run.state.status is Status.CLOSED


@pytest.mark.parametrize(
    "kind", [kind for kind in vars(c).values() if isinstance(kind, type)], ids=lambda k: k.__name__
)
def test_every_command_takes_part(kind: type) -> None:
    if kind.__module__ == c.__name__:
        assert kind in COMMANDS


@given(st.lists(st.sampled_from(WAY), max_size=40), st.randoms())
@settings(max_examples=60, deadline=None)
def test_the_way_in_any_order(commands: list[c.Command], chance: object) -> None:
    run = Run()
    for command in commands:
        run.give(command, "ann")


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_doing_what_the_next_step_says_leads_to_the_end(data: st.DataObject) -> None:
    """No circle: whoever does what the last line says closes the incident, wherever they start."""
    run = Run()
    for command in WAY[: data.draw(st.integers(0, len(WAY)))]:
        run.give(command, "ann")
    for command, by in data.draw(st.lists(ANY, max_size=12)):
        if not isinstance(command, c.RecordCheck):  # what looked at the world can only look again
            run.give(command, by)
    for _ in range(80):
        assert run.state is not None
        step = next_step(run.state)
        if not step.command:
            return
        accepted = [run.give(command, "cyd") for command in _obey(run.state, step.command)]
        assert any(accepted), step
    pytest.fail(f"still not closed; the next step is {next_step(run.state)}")


def _obey(state: Incident, words: str) -> list[c.Command]:
    """Return what a person does who reads the next step, on a production that is well again."""
    number = f"op-{len(state.operations)}"
    first = words.split(";")[0].removeprefix("andon ").split()
    match first:
        case ["ack", *_]:
            return [c.Acknowledge()]
        case ["note", "--impact", *_]:
            return [c.ConfirmImpact(impact=hurt())]
        case ["assess", *_]:
            return [c.RecordAssessment(assessment=assessed())]
        case ["decide", *_]:
            return [_decide(Choice.ROLLBACK, Choice.ROLLBACK, "")]
        case ["rollback", "--resume"]:
            open_ones = [o for o in state.operations if o.outcome in (None, Outcome.UNKNOWN)]
            known = [c.FinishDeploy(finished=finished(Outcome.SUCCEEDED, o.id)) for o in open_ones[-1:]]
            waiting = state.pending_approval
            over = [c.EndOperation(ended=ended(None, waiting.operation))] if waiting else []
            return [*known, *over]
        case ["rollback", *_]:
            start = c.StartDeploy(
                operation=number, purpose="rollback", from_version="v3", version="v2", undo="u"
            )
            return [_plan(number, Verdict.PASSED, "v2"), start]
        case ["hotfix", "start"]:
            return [c.StartHotfix(started=hotfix_started())]
        case ["hotfix", "check"]:
            return [c.CheckHotfix(checked=hotfix_checked())]
        case ["hotfix", "ship", "--resume"]:
            return _obey(state, "andon rollback --resume")
        case ["hotfix", "ship"]:
            return [
                c.PlanHotfix(plan=hotfix_planned(number)),
                c.StartDeploy(operation=number, purpose="hotfix", from_version="v3", version="v4", undo="u"),
                c.FinishDeploy(finished=finished(Outcome.SUCCEEDED, number)),
            ]
        case ["hotfix", "finish"]:
            return [c.MergeHotfix(merged=hotfix_merged())]
        case ["verify", *_]:
            return [c.RecordVerification(verification=verified())]
        case ["mitigate", *_]:
            return [c.Mitigate(by="it")]
        case ["resolve", *_]:
            return [c.Resolve(cause="known")]
        case ["reopen", *_]:
            return [c.Reopen(reason="broken")]
        case ["postmortem", "draft", *_]:
            return [c.DraftPostmortem()]
        case ["postmortem", *_]:
            return [c.PublishPostmortem(path="p", evidence=HASH, chain_head="", missing=())]
        case ["sign", item, *_]:
            return [c.SignItem(item=item, reason="I looked")]
        case ["skip", item, *_]:
            return [c.TakeShortcut(item=item, reason="no time", action="A9")]
        case ["log", *_]:
            return [c.LogIncident(path="INCIDENTS.md")]
        case ["close", *_]:
            return [c.Close()]
        case ["leak", verb, *more]:
            return [c.RecordLeak(event=event) for event in _obey_leak(state, verb, *more)]
        case _:
            raise AssertionError(f"nobody here knows what {words!r} means")


def _obey_leak(state: Incident, verb: str, *more: str) -> list[e.Event]:
    """Return what the stage of the response to a leak records when all goes well."""
    leak = state.leak
    assert leak is not None
    operation = leak.purged.operation if leak.purged else ""
    match verb:
        case "locate":
            return [located()]
        case "exposure":
            return [exposed("origin")]
        case "rotate":
            return [revoked(more[0])]
        case "backup":
            return [backed_up()]
        case "purge":
            return [purged("p1")]
        case "verify":
            return [purge_verified(operation=operation)]
        case "push":
            remotes = [name for name in leak.unpushed if name != HERE]
            return [
                event
                for name in remotes
                for event in (
                    replace(push_planned(name), operation=operation),
                    replace(pushed(name), operation=operation),
                )
            ]
        case "adopt":
            return [replace(pushed(HERE), operation=operation)]
        case "ban":
            return [banned()]
        case "cleanup":
            return [cleaned()]
        case "judge":
            return [e.LeakJudged(residual=residual(state)[0], reason="seen")]
        case _:
            raise AssertionError(f"nobody here knows what {verb!r} means")
