"""What surrounds a break besides releases: rates of logs, certificates, settings and flags that changed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import urlsplit

from andon.desk.calm import broke_before
from andon.desk.casefile import service_stream
from andon.desk.redacting import redacted
from andon.errors import AndonError
from andon.incident.flag_events import FlagActEnded, FlagActPlanned, RolloutPlanned
from andon.incident.rollout_state import rollout_operation, stage_percent
from andon.incident.words import Outcome
from andon.record import replace
from andon.response.logs import scan
from andon.response.rates import rates
from andon.response.situation import CertificateSeen, FlagKnown, Touched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from andon.desk.ports import Desk
    from andon.desk.values import LogExcerpt
    from andon.incident.ledger import Ledger
    from andon.incident.state import Incident
    from andon.response.rates import Rates
    from andon.response.situation import ErrorSign

#: An error that was there before has risen when it is so many times as frequent, and was seen so often since.
_TIMES, _AT_LEAST = 3.0, 5
#: Bytes from the end of a log that are counted minute by minute; a longer look back is for its errors.
_COUNTED = 8 * 1024 * 1024
#: What says that a flag was switched.
_SWITCHES = ("FlagActPlanned", "FlagActEnded", "RolloutPlanned")
#: Servers that are asked for their certificates at once.
_AT_ONCE = 8


def log_rates(desk: Desk, excerpts: Iterable[LogExcerpt]) -> tuple[Rates, ...]:
    """Return the messages and errors a minute of every log that says when its lines were written."""
    now = desk.clock.now()
    found = (rates(e.name, e.content[-_COUNTED:], e.zone_minutes, now) for e in excerpts if not e.failure)
    return tuple(rate for rate in found if rate is not None)


def with_risen(
    desk: Desk, errors: Sequence[ErrorSign], excerpts: Iterable[LogExcerpt], counted: Sequence[Rates]
) -> tuple[ErrorSign, ...]:
    """Return the errors; those that were always there and rose with the errors of their log say when.

    An error that was harmless for long is the break all the same once it is several times as frequent.
    """
    content = {excerpt.name: excerpt for excerpt in excerpts}
    risen: dict[tuple[str, str], tuple[datetime, float]] = {}
    for rate in counted:
        if not any(e.log == rate.log and (e.is_background or e.may_be_older) for e in errors):
            continue
        rise = rate.rise()
        if rise is not None:
            frequent = _risen(desk, content[rate.log], rise[0])
            risen.update({(rate.log, name): (rise[0], often) for name, often in frequent.items()})
    return tuple(
        replace(
            e,
            is_background=False,
            risen_at=risen[e.log, e.signature][0],
            density=risen[e.log, e.signature][1],
        )
        if (e.log, e.signature) in risen and (e.is_background or e.may_be_older)
        else e
        for e in errors
    )


def _risen(desk: Desk, excerpt: LogExcerpt, at: datetime) -> dict[str, float]:
    """Return the errors that are several times as frequent since `at`, with how often a minute."""
    now = desk.clock.now()
    whole = scan(excerpt.content, None, excerpt.zone_minutes, now)
    since = scan(excerpt.content, at, excerpt.zone_minutes, now)
    if whole.first_at is None or whole.last_at is None:
        return {}
    minute = timedelta(minutes=1)
    before, after = max((at - whole.first_at) / minute, 1.0), max((whole.last_at - at) / minute, 1.0)
    found = {}
    for kind in since.signatures:
        known = whole.find(kind.signature)
        earlier = known.count - kind.count if known is not None else 0
        if earlier and kind.count >= _AT_LEAST and kind.count / after > _TIMES * earlier / before:
            found[redacted(desk, kind.signature)] = kind.count / after
    return found


def certificates(desk: Desk) -> tuple[CertificateSeen, ...]:
    """Return the certificates of the https addresses that smoke tests and dependencies ask, each once.

    One that cannot be told is left out: the smoke test on the same address says why.
    """
    urls: dict[str, str] = {}
    for probe in (*desk.config.smoke, *desk.config.dependencies):
        if probe.url.startswith("https://"):
            urls.setdefault(host_of(probe.url), probe.url)
    if not urls:
        return ()
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        reports = list(pool.map(desk.certificates.expiry, urls.values()))
    return tuple(
        CertificateSeen(host=report.host, expires_at=report.expires_at)
        for report in reports
        if report.expires_at is not None
    )


def host_of(url: str) -> str:
    """Return the host of an address, with its port where it names one; "" for none."""
    try:
        parts = urlsplit(url)
        return f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname or ""
    except ValueError:
        return ""


def touched(desk: Desk, ledger: Ledger, state: Incident | None = None) -> tuple[Touched, ...]:
    """Return what changed production without a release: written files, and what people recorded.

    Without what answers the incident `state`, which cannot have caused it.
    """
    found = [Touched(kind=c.kind, what=c.what, changed_at=c.changed_at) for c in ledger.changes]
    for path in desk.config.setting_files:
        moment = desk.files.changed_at(path)
        if moment is not None:
            found.append(Touched(kind="configuration", what=f"{path} was written", changed_at=moment))
    file = desk.config.flag_system.file
    if file and all(flag.file != file for flag in desk.config.flags):
        moment = desk.files.changed_at(file)
        if moment is not None:
            what = f"{file} with the flags was written"
            found.append(Touched(kind="flag", what=what, changed_at=moment))
    found += _switched(desk, state)
    for flag in desk.config.flags:
        moment = desk.files.changed_at(flag.file) if flag.file else None
        if moment is not None:
            what = f"{flag.file} with the flag {flag.name} was written"
            found.append(Touched(kind="flag", what=what, changed_at=moment, covers=flag.covers))
    return tuple(found)


def _switched(desk: Desk, state: Incident | None) -> list[Touched]:
    """Return when flags were switched or rolled out further, as the service's own history has it.

    What is planned changes nothing, so that a stage of a rollout is told once. A kill that answers this
    incident is none of its causes: it belongs to it, or it came after somebody had noticed.
    """
    own = {act.id for act in state.flag_acts} if state is not None else set()
    noticed = broke_before(state) if state is not None else None
    planned: dict[str, FlagActPlanned] = {}
    rollouts: dict[str, RolloutPlanned] = {}
    found = []
    for recorded in desk.journal.read_types(service_stream(desk), _SWITCHES):
        match recorded.event:
            case RolloutPlanned() as event:
                rollouts[event.operation] = event
            case FlagActPlanned() as event:
                planned[event.operation] = event
            case FlagActEnded(outcome=Outcome.SUCCEEDED) as event if event.operation in planned:
                act = planned.pop(event.operation)  # found out again later, it was switched once
                is_late = noticed is not None and recorded.at > noticed
                if act.purpose == "kill" and (act.operation in own or is_late):
                    continue
                found.append(_switch(act, rollouts, recorded.at))
    return found


def _switch(act: FlagActPlanned, rollouts: Mapping[str, RolloutPlanned], at: datetime) -> Touched:
    """Return one act that the flag system, or the deployer of a canary, took."""
    rollout = rollouts.get(rollout_operation(act.operation))
    if rollout is None:
        return Touched(
            kind="flag", what=f"{act.purpose} of the flag {act.flag}", changed_at=at, covers=act.covers
        )
    is_release = rollout.target == "release"
    what = f"the canary {rollout.variant} of {act.flag}" if is_release else f"the flag {act.flag}"
    stage = stage_percent(act.operation)
    came = f"came to {stage:g} %" if stage is not None else "was taken back"
    return Touched(
        kind="release" if is_release else "flag",
        what=f"the rollout of {what} {came}",
        changed_at=at,
        covers=act.covers,
    )


def flags(desk: Desk) -> tuple[tuple[FlagKnown, ...], tuple[tuple[str, str], ...]]:
    """Return the flags that could be turned off, and what could not be asked, and why.

    Those of `[[flag]]`, and those of the flag system which say what they cover; of both, the team's own way
    of turning one off counts. A flag that is killed already is none that could be.
    """
    known = {f.name: FlagKnown(name=f.name, covers=f.covers, off=f.off) for f in desk.config.flags}
    try:  # a token that is not set is told, too, and stops no assessment
        if desk.flag_system is None:
            return tuple(known.values()), ()
        seen = desk.flag_system.flags()
    except AndonError as problem:
        return tuple(known.values()), (("flag system", str(problem)),)
    for flag in seen:
        own = known.get(flag.key)
        if flag.kill is not None:
            known.pop(flag.key, None)
        elif own is None and flag.covers:
            off = ("andon", "flags", "kill", flag.key)
            known[flag.key] = FlagKnown(name=flag.key, covers=flag.covers, off=off)
        elif own is not None and not own.off:
            off = ("andon", "flags", "kill", flag.key)
            known[flag.key] = FlagKnown(name=flag.key, covers=own.covers or flag.covers, off=off)
    return tuple(known.values()), ()
