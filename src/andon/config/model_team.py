"""The sections on which a team agrees, as values: who decides and is told, what a change has to pass."""

from __future__ import annotations

from andon.record import Record


class PeopleConfig(Record):
    """Who decides."""

    on_call: tuple[str, ...] = ()
    seniority: tuple[str, ...] = ()


class NotifyConfig(Record):
    """Stakeholders by severity: Apprise addresses, or `$NAME` for one in the environment."""

    P0: tuple[str, ...] = ()
    P1: tuple[str, ...] = ()
    P2: tuple[str, ...] = ()
    P3: tuple[str, ...] = ()
    P4: tuple[str, ...] = ()


class DecisionConfig(Record):
    """Thresholds of the rule table, in minutes."""

    quick_fix: float = 30.0
    slow_fix: float = 60.0
    #: A deployment this long before the break is near it.
    near_deployment: float = 30.0


class ReviewConfig(Record):
    """Where the team keeps what it learned; paths relative to the repository."""

    postmortems: str = "docs/postmortems"
    incident_log: str = "INCIDENTS.md"
    regressions: str = "docs/regressions.md"
    #: Days until a follow-up is due when nobody says.
    action_days: int = 14


class GatesConfig(Record):
    """What the gates of the repository ask for."""

    #: Branches that nothing but the hotfix reaches in HOTFIX; `*` for any characters. Empty: the default one.
    protected: tuple[str, ...] = ()
    #: Whether in SHIP a push to one of them needs a recorded decision too, and not only a release's tag.
    ship_branches: bool = False
    #: From which grade on a new finding of a scanner counts: low, medium, high or critical.
    severity: str = "high"
    #: Endings of files that no scanner is to look at.
    unscanned: tuple[str, ...] = ()


class ScannerConfig(Record):
    """A scanner of code (`[[scanner]]`) that writes SARIF."""

    name: str
    #: Argument list; `{output}` is the file it has to write.
    command: tuple[str, ...] = ()
    #: `changed`: it gets the changed files alone; `all`: a checkout of the whole commit.
    files: str = "changed"
    #: Endings of the files it looks at; empty for all.
    endings: tuple[str, ...] = ()
    #: Names and texts of files in which it must find something, or it reads nothing.
    canary: tuple[tuple[str, str], ...] = ()
    #: Seconds.
    timeout: float = 300.0


class ShipConfig(Record):
    """What a release has to prove before it is shipped."""

    #: Argument list that runs all tests of a commit, in a checkout of its own.
    test: tuple[str, ...] = ()
    #: Argument list that is run first in that checkout: whatever a fresh clone needs.
    setup: tuple[str, ...] = ()
    #: Seconds each of the two may take.
    timeout: float = 1800.0
    #: Audits that have to have answered, by the names they are recorded under; empty: whatever was recorded.
    audits: tuple[str, ...] = ()
    #: Days for which the answer of an audit holds.
    audit_days: int = 7


class HotfixConfig(Record):
    """How a hotfix is proven and made into something that can be deployed."""

    #: Argument list of the test that fails without the fix and passes with it; run in checkouts of its own.
    test: tuple[str, ...] = ()
    #: Argument list that makes the artefact, with `{version}` and `{commit}`; run in a checkout of the fix.
    build: tuple[str, ...] = ()
    #: Seconds that either of them may take.
    timeout: float = 900.0
    #: The main line, to which every hotfix comes back; "" for what the remote says, else main or master.
    main: str = ""


class SecretsConfig(Record):
    """How the repository is kept free of secrets."""

    #: Days after which the audit of secret files is due again.
    audit_days: int = 90


class LeakConfig(Record):
    """What is known of the places that a leaked secret may have reached."""

    #: Remotes, by name or address, that everybody can read, and those that only the team can.
    public_remotes: tuple[str, ...] = ()
    private_remotes: tuple[str, ...] = ()
    #: Days that a backup of a history with secrets is kept.
    keep_backup_days: int = 30
