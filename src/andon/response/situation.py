"""Everything that an assessment looks at, as values."""

from __future__ import annotations

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from andon.incident.events import ImpactConfirmed, ProbeOutcome
    from andon.incident.ledger import Ledger
    from andon.response.bad_ranges import Contains
    from andon.response.last_known_good import Gate, Present
    from andon.response.rates import Rates


class ErrorSign(Record):
    """A kind of error in a log."""

    log: str
    component: str
    signature: str
    sample: str
    count: int
    first_seen: datetime | None
    #: Hosts that the error blames, `host:port`.
    upstreams: tuple[str, ...] = ()
    #: True when the trace passes through the project's own code.
    in_own_code: bool = False
    #: Times a minute between the first and the last one.
    density: float = 0.0
    #: True when it was always there and always rare (response.background).
    is_background: bool = False
    #: True when it is as old as what is known of the log: the first one may be older.
    may_be_older: bool = False
    #: For an error that was there before: when it became several times as frequent; None when it did not.
    risen_at: datetime | None = None


class CertificateSeen(Record):
    """A certificate of production, or of what it depends on."""

    #: `host`, or `host:port`.
    host: str
    expires_at: datetime


class Touched(Record):
    """A change without a release: a file that was written, or something a person recorded."""

    #: `configuration`, `flag`, or `release` for a canary that got more of the traffic.
    kind: str
    #: The file, or what was changed in words.
    what: str
    changed_at: datetime
    #: The part of production that a flag switches; "" when that is not known.
    covers: str = ""


class FlagKnown(Record):
    """A configured flag."""

    name: str
    covers: str
    #: How it is turned off; empty when nobody configured that.
    off: tuple[str, ...] = ()


class Situation(Record):
    """Everything that was looked at."""

    declared_at: datetime
    #: When the harm began, if a person said so.
    began_at: datetime | None
    probes: tuple[ProbeOutcome, ...]
    dependencies: tuple[ProbeOutcome, ...]
    errors: tuple[ErrorSign, ...]
    impacts: tuple[ImpactConfirmed, ...]
    ledger: Ledger
    running: str
    #: Versions the deployer can deploy; None when it cannot say.
    available: frozenset[str] | None
    #: Upper bound of a deployment, in seconds, when none was measured; None without a deployer.
    deploy_limit: float | None
    cause: str = ""
    minutes_to_fix: float | None = None
    fix_is_risky: bool = False
    #: How long before the break a deployment is near it, in minutes.
    near_deployment: float = 30.0
    #: When somebody looked; None: at the declaration.
    now: datetime | None = None
    #: Messages and errors a minute, for each log that is dated.
    rates: tuple[Rates, ...] = ()
    certificates: tuple[CertificateSeen, ...] = ()
    touched: tuple[Touched, ...] = ()
    flags: tuple[FlagKnown, ...] = ()
    #: Name of a dependency and the host its check asks.
    hosts: tuple[tuple[str, str], ...] = ()
    #: What git and the safety gates can say (see `last_known_good`).
    contains: Contains | None = None
    present: Present | None = None
    gate: Gate | None = None
