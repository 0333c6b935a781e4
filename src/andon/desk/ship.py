"""The decision to ship a commit: asking its gate, recording the answer with all evidence, or giving it up."""

from __future__ import annotations

import json

from andon.desk.casefile import service_stream
from andon.desk.deployments import survey
from andon.desk.gate.context import Asked
from andon.desk.gate.run import run_gate
from andon.desk.gate.running import commit_in_production
from andon.desk.gate.standing import standing
from andon.desk.waiving import checked_reason
from andon.errors import AndonError, Conflict, InvalidInput, NotFound, Refused
from andon.incident.events import GearDeclared, ShipAbandoned, ShipRecorded
from andon.incident.gate_record import Shipped
from andon.incident.parts import RuleAnswer
from andon.incident.words import Gear, Verdict
from andon.record import Record
from andon.response.gates.judge import Effect
from andon.response.gates.table import Point

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from andon.desk.deployments import Production
    from andon.desk.ports import Desk
    from andon.response.gates.judge import Judgement

#: More than there are people who record the same decision in the same second.
_ATTEMPTS = 10


class Checked(Record):
    """What the gate says of a commit."""

    commit: str
    judgement: Judgement
    #: What runs, "" where that is not known: the gate compares with it.
    base: str = ""
    #: Why this gear, and the incident that makes it HOTFIX.
    why: str = ""
    incident: str = ""


class Decided(Record):
    """What became of a decision."""

    checked: Checked | None
    #: The decision on record; None when the gate did not let it through.
    shipped: Shipped | None
    #: True when it had been recorded before.
    was_recorded: bool = False


def check_ship(desk: Desk, reference: str, tell: Callable[[str], None] | None = None) -> Checked:
    """Ask every rule of the SHIP gate about a commit; raises NotFound for one that there is none of.

    What is judged is the commit, against what runs in production; the work tree does not count.
    """
    commit = desk.repository.commit_of(reference or "HEAD")
    production, base, problem = _compared_with(desk)
    known = {"production": production} if production is not None else {}
    stands = standing(desk)
    remedy = "andon deployed VERSION --commit COMMIT" if problem else ""
    asked = Asked(base=base, head=commit, problem=problem, remedy=remedy)
    judgement = run_gate(desk, Point.SHIP, asked, stands, tell, known)
    return Checked(commit=commit, judgement=judgement, base=base, why=stands.why, incident=stands.incident_id)


def _compared_with(desk: Desk) -> tuple[Production | None, str, str]:
    """Return production, the commit that runs there ("" when none does), and why that is not known."""
    try:
        production = survey(desk)
    except AndonError as problem:
        return None, "", f"what runs is not known: {problem}"
    base = commit_in_production(desk, production)
    is_unknown = bool(production.running) and not base
    why = f"the commit of {production.running}, which runs, is not known" if is_unknown else ""
    return production, base, why


def record_ship(
    desk: Desk, version: str, reference: str, tell: Callable[[str], None] | None = None
) -> Decided:
    """Ask the gate again and record the decision when it passes; the same commit is recorded once.

    The commit is `reference`, else the one that `version` names in git, else HEAD.
    """
    commit = _commit(desk, version, reference)
    name = _version(desk, version, commit)
    for _ in range(_ATTEMPTS):
        known, _ = _known(desk, commit)
        if known is not None:
            return Decided(checked=None, shipped=known, was_recorded=True)
        checked = check_ship(desk, commit, tell)
        if checked.judgement.verdict is not Verdict.PASSED:
            return Decided(checked=checked, shipped=None)
        event = _event(desk, name, checked)
        known, length = _known(desk, commit)
        if known is not None:
            return Decided(checked=checked, shipped=known, was_recorded=True)
        try:
            appended = desk.append(service_stream(desk), (event,), expected=length)
        except Conflict:
            continue
        recorded = appended.recorded[0]
        if isinstance(recorded.event, ShipRecorded):
            shipped = Shipped(event=recorded.event, by=recorded.actor, at=recorded.at)
            return Decided(checked=checked, shipped=shipped)
    raise Conflict(
        "others kept recording; the decision was not recorded", where=commit[:10], remedy="andon ship record"
    )


def _known(desk: Desk, commit: str) -> tuple[Shipped | None, int]:
    """Return the decision about a commit, and how long the service's stream is.

    Giving up ends a decision, and so does committing to ship anew: that is decided anew.
    """
    history = desk.history(service_stream(desk))
    found = None
    for recorded in history:
        match recorded.event:
            case ShipRecorded() as event if event.commit == commit:
                found = Shipped(event=event, by=recorded.actor, at=recorded.at)
            case ShipAbandoned():
                found = None
            case GearDeclared() as event if Gear.named(event.gear) is Gear.SHIP:
                found = None
    return found, history[-1].seq if history else 0


def _commit(desk: Desk, version: str, reference: str) -> str:
    if reference:
        return desk.repository.commit_of(reference)
    for name in (version, f"v{version}") if version else ():
        try:
            return desk.repository.commit_of(name)
        except (NotFound, InvalidInput):
            continue
    return desk.repository.commit_of("HEAD")


def _version(desk: Desk, version: str, commit: str) -> str:
    """Return the name of the release: the given one, else the newest tag of the commit, else its id."""
    if not version:
        tags = [tag for tag, tagged in desk.repository.tags() if tagged == commit]
        return tags[-1] if tags else commit[:10]
    if not version.isprintable() or version.startswith("-") or not 0 < len(version.strip()) <= 100:
        raise InvalidInput(
            f"{version[:40]!r} cannot name a release",
            rule="ship",
            remedy="a short printable name that does not begin with -",
        )
    return version


def _event(desk: Desk, version: str, checked: Checked) -> ShipRecorded:
    rows = checked.judgement.rows
    told = {
        "commit": checked.commit,
        "version": version,
        "rules": [
            {
                "rule": row.result.rule,
                "verdict": row.result.verdict.value,
                "effect": row.effect.value,
                "evidence": row.result.evidence,
                "waived_by": row.waived_by,
                "objections": [o.text for o in row.result.objections],
            }
            for row in rows
        ],
    }
    stored = desk.evidence.put(json.dumps(told, indent=2, ensure_ascii=True).encode(), "application/json")
    return ShipRecorded(
        commit=checked.commit,
        version=version,
        verdict=checked.judgement.verdict,
        answers=tuple(
            RuleAnswer(
                rule=row.result.rule,
                verdict=row.result.verdict,
                effect=row.effect.value,
                summary=row.waived_by or row.result.evidence,
            )
            for row in rows
        ),
        waived=tuple(row.result.rule for row in rows if row.effect is Effect.WAIVED),
        evidence=stored.evidence,
    )


def abandon_ship(desk: Desk, reason: str) -> ShipAbandoned:
    """Record that what was committed to ship is given up; raises Refused when nothing is."""
    words = checked_reason(reason, 'andon ship abandon --reason "why it is not shipped"')
    if not _is_committed(desk):
        raise Refused(
            "nothing is committed to ship: the declared gear is not SHIP, and no decision is on record",
            where=desk.config.service,
            rule="ship",
            remedy="andon gear",
        )
    event = ShipAbandoned(reason=words)
    desk.append(service_stream(desk), (event,))
    return event


def _is_committed(desk: Desk) -> bool:
    """True after SHIP was declared or a decision recorded, until that is given up."""
    is_ship = is_decided = False
    for recorded in desk.history(service_stream(desk)):
        match recorded.event:
            case GearDeclared() as event:
                is_ship = Gear.named(event.gear) is Gear.SHIP
            case ShipRecorded():
                is_decided = True
            case ShipAbandoned():
                is_ship = is_decided = False
    return is_ship or is_decided
