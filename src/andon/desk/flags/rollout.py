"""Planning a rollout, and a person's word on one: it stays, goes back, goes on. The undo is recorded first.

What is planned is carried out by a worker, in the steps of `desk.flags.stages`.
"""

from __future__ import annotations

from itertools import pairwise
from shlex import quote

from andon.desk.casefile import incidents_in_response, service_stream
from andon.desk.flags.rollouts import record_when, rollout_of, rollouts
from andon.desk.flags.system import find_flag, flag_system_of
from andon.desk.flags.targets import command_of, target_of
from andon.desk.looking import look
from andon.errors import AndonError, Conflict, InvalidInput, Refused, Unavailable
from andon.flags.overrides import PARTS
from andon.incident.events import FlagActEnded, FlagActPlanned, RolloutEnded, RolloutPlanned, RolloutResumed
from andon.incident.rollout_state import back_operation
from andon.incident.words import CommandId, Outcome, Verdict
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.flags.values import FlagSeen
    from andon.desk.ports import Desk
    from andon.incident.rollout_state import Rollout

#: The smallest stage that the layer below can tell from none.
LEAST = 100 / PARTS


class Wishes(Record):
    """What somebody asks of a rollout."""

    #: Percent of everybody, rising.
    stages: tuple[float, ...]
    #: Seconds for which a stage stays.
    every: float
    #: Seconds for which a stage is watched; None for as long as it stays, 0 for not at all.
    watch: float | None = None
    #: Seconds for which it waits, once that time is over, until enough is known.
    patience: float = 600.0
    #: "" for the flag's own variant that is on.
    variant: str = ""
    reason: str = ""
    #: True for a plan that somebody else has to approve.
    waits: bool = False
    #: The kill that it ends; "" for none.
    after_kill: str = ""


class Baseline(Record):
    """What was well before the first stage, and what was not."""

    passing: tuple[str, ...] = ()
    failing: tuple[str, ...] = ()


def plan_rollout(desk: Desk, key: str, wishes: Wishes) -> RolloutPlanned:
    """Return the plan to spread a flag's variant; nothing is recorded or touched, but the smoke tests run.

    Raises Refused for a flag that is killed, off, or rolled out already, while a P0 or P1 is in response,
    when nothing would notice a failure; InvalidInput for stages or a variant that make no sense; NotFound.
    """
    refuse_stages(wishes)
    system = flag_system_of(desk)
    seen = find_flag(system, key)
    variant = _variant(seen, wishes.variant)
    _refuse_state(seen, wishes)
    refuse_another(desk, key, "flag")
    _refuse_shrinking(seen, variant, wishes)
    safe = _safe(seen, variant)
    despite = refuse_incidents(desk, wishes.reason, key)
    baseline = take_baseline(desk, wishes, key)
    return RolloutPlanned(
        operation=new_operation(desk),
        system=system.kind,
        flag=key,
        variant=variant,
        stages=wishes.stages,
        every=wishes.every,
        watch=wishes.every if wishes.watch is None else min(wishes.watch, wishes.every),
        before=seen.state,
        undo=f"andon flags rollout {quote(key)} --back",
        covers=seen.covers,
        reason=wishes.reason,
        after_kill=wishes.after_kill,
        safe=safe,
        patience=wishes.patience,
        passing=baseline.passing,
        failing=baseline.failing,
        waits=wishes.waits,
        despite=despite,
    )


def new_operation(desk: Desk) -> str:
    """Return the id of a new rollout."""
    return f"RO-{len(rollouts(desk)) + 1}-{desk.ids.new()[:6]}"


def refuse_stages(wishes: Wishes) -> None:
    """Raise InvalidInput for stages that do not rise, or are none."""
    stages = wishes.stages
    remedy = "stages that rise, such as: 5% 25% 100%"
    if not stages:
        raise InvalidInput("a rollout needs its stages", rule="rollout-stages", remedy=remedy)
    parts = [p / LEAST if p == p else 0.0 for p in stages]  # what is not a number is no stage
    wrong = [p for p, n in zip(stages, parts, strict=True) if not 1 <= n <= PARTS or abs(n - round(n)) > 1e-6]
    if wrong:
        told = f"{wrong[0]:g} % is no stage: more than 0, at most 100, not finer than {LEAST:g}"
        raise InvalidInput(told, rule="rollout-stages", remedy=remedy)
    for one, other in pairwise(stages):
        if other <= one:
            told = f"{other:g} % after {one:g} %: stages rise, so that nobody loses what they have"
            raise InvalidInput(told, rule="rollout-stages", remedy=remedy)
    if not 0 < wishes.every <= 30 * 86_400:
        raise InvalidInput(
            "a stage stays for a while", rule="rollout-stages", remedy="--every 10m, at most 30d"
        )


def _variant(seen: FlagSeen, wanted: str) -> str:
    variant = wanted or seen.on_variant
    known = ", ".join(seen.variants) or "none"
    if not variant:
        raise InvalidInput(
            f"which variant of {seen.key} is to be spread? It has: {known}",
            rule="rollout-variant",
            remedy=f"andon flags rollout {quote(seen.key)} --variant VARIANT",
        )
    if seen.variants and variant not in seen.variants:
        raise InvalidInput(
            f"{seen.key} has no variant {variant!r}; it has: {known}",
            rule="rollout-variant",
            remedy=f"andon flags list {quote(seen.key)}",
        )
    return variant


def _refuse_state(seen: FlagSeen, wishes: Wishes) -> None:
    if seen.kill is not None and seen.kill.operation != wishes.after_kill:
        by = f" by {seen.kill.by}" if seen.kill.by else ""
        where = f" in {seen.kill.incident}" if seen.kill.incident else ""
        raise Refused(
            f"{seen.key} was killed{by}{where}: a rollout below the kill reaches nobody",
            where=seen.key,
            rule="killed-flag",
            remedy=f"andon flags enable {quote(seen.key)}",
        )
    if not seen.is_enabled:
        raise Refused(
            f"{seen.key} is DISABLED in its definition: each caller's default decides, whatever is spread",
            where=seen.key,
            rule="disabled-flag",
            remedy="set its state to ENABLED, with the safe variant as its default",
        )


def refuse_another(desk: Desk, flag: str, target: str) -> None:
    """Raise Refused while another rollout of the same is not over."""
    for known in rollouts(desk):
        if known.planned.flag == flag and known.planned.target == target and known.ended is None:
            raise Refused(
                f"{flag} is being rolled out by {known.id} already, at {known.percent:g} %",
                where=flag,
                rule="one-rollout-at-a-time",
                remedy=f"{command_of(known)}; {command_of(known, '--stop')}",
            )


def _refuse_shrinking(seen: FlagSeen, variant: str, wishes: Wishes) -> None:
    """Raise Refused for a plan that gives the variant to nobody new, or takes it away from some."""
    above = seen.rollout if not wishes.after_kill else None  # killed, nobody has it
    back = f"andon flags rollout {quote(seen.key)} --back; then again"
    if above is not None and above.variant != variant:
        raise Refused(
            f"{above.percent:g} % have {above.variant} by {above.operation}: {variant} would replace it",
            where=seen.key,
            rule="monotone",
            remedy=back,
        )
    if above is not None and wishes.stages[0] < above.percent:
        raise Refused(
            f"{above.percent:g} % have it by {above.operation}: {wishes.stages[0]:g} % would be fewer",
            where=seen.key,
            rule="monotone",
            remedy=f"begin with at least {above.percent:g}%; or {back}",
        )
    targeting = (seen.definition or {}).get("targeting")
    if seen.definition is not None and not targeting and seen.default_variant == variant:
        raise Refused(
            f"everybody gets {variant} already: it is the default of {seen.key}, and nothing else decides",
            where=seen.key,
            rule="default-on",
            remedy=f"andon flags list {quote(seen.key)}",
        )


def _safe(seen: FlagSeen, variant: str) -> str:
    """Return what everybody gets when a stage fails; raises Refused where nothing is safe."""
    default = seen.default_variant if seen.default_variant != variant else ""
    safe = seen.safe_variant or default
    if safe == variant:
        raise Refused(
            f"{variant} is the safe variant of {seen.key}: what everybody gets by a kill is not rolled out",
            where=seen.key,
            rule="safe-variant",
            remedy=f"andon flags rollout {quote(seen.key)} --variant VARIANT",
        )
    if not safe:
        raise Refused(
            f"{seen.key} does not say which variant is safe, so a failing stage could not be turned off",
            where=seen.key,
            rule="safe-variant",
            remedy="safeVariant in its metadata, or a default variant",
        )
    return safe


def refuse_incidents(desk: Desk, reason: str, flag: str) -> tuple[str, ...]:
    """Return the P0 and P1 in response that somebody gives a reason to go on in spite of; raises Refused."""
    found = tuple(i.id for i in incidents_in_response(desk) if i.severity.is_emergency)
    if found and not reason.strip():
        raise Refused(
            f"{', '.join(found)} is in response: no new risk for the service until it is over",
            where=flag,
            rule="hotfix-no-new-risk",
            remedy='andon status; or, when the rollout is part of the way out: --reason "why"',
        )
    return found


def take_baseline(desk: Desk, wishes: Wishes, flag: str) -> Baseline:
    """Run the smoke tests once and return what they say; raises Refused where nothing would notice."""
    wants_watch = wishes.watch is None or wishes.watch > 0
    if not wants_watch:
        if not wishes.reason.strip():
            raise Refused(
                "nobody would notice that a stage breaks something",
                where=flag,
                rule="watched-rollout",
                remedy='--watch; or --no-watch with --reason "why nothing can break"',
            )
        return Baseline()
    if not desk.probes and not desk.logs:
        raise Refused(
            "there is nothing to watch: no smoke test and no log is configured",
            where=desk.config.path or desk.config.root,
            rule="watched-rollout",
            remedy='[[smoke]] or [[logs]] in andon.toml; or --no-watch with --reason "why"',
        )
    seen = look(desk, with_logs=False)
    passing = tuple(p.name for p in seen.probes if p.verdict is Verdict.PASSED)
    failing = tuple(p.name for p in seen.probes if p.verdict is Verdict.FAILED)
    if failing and not wishes.reason.strip():
        raise Refused(
            f"{', '.join(failing)} fails already, before anything is rolled out",
            where=flag,
            rule="well-before",
            remedy='andon verify; or, when it has nothing to do with it: --reason "why"',
        )
    return Baseline(passing=passing, failing=failing)


def risks(desk: Desk, plan: RolloutPlanned, seen: FlagSeen | None = None) -> tuple[str, ...]:
    """Return what somebody should know before they say yes, in sentences."""
    found = []
    if seen is not None and not (seen.owner and seen.purpose):
        missing = " and ".join(n for n, v in (("owner", seen.owner), ("purpose", seen.purpose)) if not v)
        found.append(f"the flag names no {missing}: nobody knows whom to ask at night")
    if not plan.watch:
        found.append("it is not watched: nothing turns it off by itself")
    elif not desk.logs:
        found.append("no log is configured: only the smoke tests would notice")
    elif not desk.probes:
        found.append("no smoke test is configured: only the logs would notice")
    if plan.failing:
        found.append(f"{', '.join(plan.failing)} fails already and will not count")
    if plan.stages[0] > 50:
        found.append(f"the first stage reaches {plan.stages[0]:g} % at once")
    if plan.despite:
        found.append(f"{', '.join(plan.despite)} is in response")
    return tuple(found)


def start_rollout(desk: Desk, plan: RolloutPlanned) -> Rollout:
    """Record the plan: a worker does the rest. Raises Refused when somebody else planned the same first."""

    def decide() -> RolloutPlanned:
        refuse_another(desk, plan.flag, plan.target)
        return plan

    record_when(desk, decide, CommandId(f"{plan.operation}/plan"))
    return rollout_of(desk, plan.operation)


# ---- a person's word on one that is on its way


def stop_rollout(desk: Desk, rollout: Rollout, reason: str = "") -> Rollout:
    """Record that it stays where it is, for good; raises Conflict when it is over."""
    told = f"stopped by {desk.actor}" + (f": {reason}" if reason.strip() else "")
    return _end(desk, rollout.id, "stopped", told)


def take_back_rollout(desk: Desk, rollout: Rollout, reason: str = "") -> Rollout:
    """Take the layer of a rollout away, so that everybody has exactly what they had; twice is no error.

    It is over first, so that no worker puts another stage; one that is just putting one takes it back itself.
    """
    told = f"taken back by {desk.actor}" + (f": {reason}" if reason.strip() else "")
    if rollout.ended is None:
        rollout = _end(desk, rollout.id, "taken back", told)
    target = target_of(desk, rollout)
    operation = back_operation(rollout.id)
    plan = rollout.planned
    planned = FlagActPlanned(
        operation=operation,
        purpose="rollout",
        system=plan.system,
        flag=plan.flag,
        variant="",
        before=f"{rollout.percent:g} % of {plan.variant}",
        undo=command_of(rollout, " ".join(f"{p:g}%" for p in plan.stages)),
        reason=told,
        covers=plan.covers,
    )
    stream = service_stream(desk)
    desk.append(stream, (planned,), command=CommandId(f"{operation}/planned"))
    try:
        target.take_back()
    except AndonError as problem:  # given again, it is tried again
        how = Outcome.UNKNOWN if isinstance(problem, Unavailable) else Outcome.FAILED
        lost = FlagActEnded(operation=operation, outcome=how, detail=str(problem))
        desk.append(stream, (lost,), command=CommandId(f"{operation}/{desk.ids.new()}"))
        raise
    ended = FlagActEnded(operation=operation, outcome=Outcome.SUCCEEDED, detail=target.before())
    desk.append(stream, (ended,), command=CommandId(f"{operation}/ended"))
    return rollout_of(desk, rollout.id)


def _end(desk: Desk, operation: str, how: str, reason: str) -> Rollout:
    def decide() -> RolloutEnded:
        known = rollout_of(desk, operation)
        if known.ended is not None:
            raise Conflict(
                f"the rollout is over already: {known.ended.how} at {known.ended.percent:g} %",
                where=operation,
                rule="rollout",
                remedy=command_of(known, "--back"),
            )
        return RolloutEnded(operation=operation, how=how, percent=known.percent, reason=reason)

    record_when(desk, decide)
    return rollout_of(desk, operation)


def resume_rollout(desk: Desk, rollout: Rollout, reason: str) -> Rollout:
    """Record that somebody signs for what is not known of a stage, or approves a plan; a worker goes on.

    Raises Refused without a reason, or when it is not held.
    """
    if not reason.strip():
        raise Refused(
            "somebody who lets it go on says why",
            where=rollout.id,
            rule="evidence-or-a-name",
            remedy=command_of(rollout, '--resume --reason "what you looked at"'),
        )
    plan = rollout.planned
    despite = refuse_incidents(desk, reason, plan.flag)
    baseline = Baseline()
    if not rollout.stages and plan.watch:
        baseline = take_baseline(desk, Wishes(stages=plan.stages, every=plan.every, reason=reason), plan.flag)

    def decide() -> RolloutResumed:
        known = rollout_of(desk, rollout.id)
        if not known.is_held:
            raise Refused(
                "it is not held" if known.ended is None else f"it is over: {known.ended.how}",
                where=rollout.id,
                rule="rollout",
                remedy=command_of(rollout),
            )
        return RolloutResumed(
            operation=known.id,
            percent=known.percent,
            reason=reason,
            passing=baseline.passing,
            failing=baseline.failing,
            despite=despite,
        )

    record_when(desk, decide)
    return rollout_of(desk, rollout.id)
