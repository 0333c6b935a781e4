"""The configuration as values. Every field has a default, so that Andon works in a repository without one."""

from __future__ import annotations

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class DeployConfig(Record):
    """How versions get into production."""

    #: Kind of deployer (production/deployers.py), or "" when nothing is configured.
    kind: str = ""
    #: symlink: the directory that holds `releases/` and `current`.
    root: str = ""
    #: symlink: argument list that restarts the service after the switch; else the systemd unit.
    restart: tuple[str, ...] = ()
    unit: str = ""
    #: command: argument lists; `{version}` and `{operation}` are filled in. `running`: github-actions too.
    deploy: tuple[str, ...] = ()
    releases: tuple[str, ...] = ()
    running: tuple[str, ...] = ()
    #: compose: the services, their image without a tag, the variable that holds the tag.
    services: tuple[str, ...] = ()
    image: str = ""
    variable: str = "IMAGE_TAG"
    #: compose, kamal: the tool's own file; "" for its default.
    file: str = ""
    #: compose: name of the project; vercel: the project.
    project: str = ""
    #: kubectl, helm, argo-rollouts: where; "" as kubectl itself has it.
    namespace: str = ""
    context: str = ""
    #: Whether to look for Argo CD and Flux (`check`), or somebody vouches for it (`paused`).
    gitops: str = "check"
    deployment: str = ""
    rollout: str = ""
    #: kubectl, argo-rollouts: whose image names the release; "" for the first container.
    container: str = ""
    #: helm: the release, and what its revisions are called: `revision` or `app_version`.
    release: str = ""
    versions: str = "revision"
    #: github-actions: the workflow's file, where it is, the branch it starts on, how its runs are named.
    workflow: str = ""
    repository: str = ""
    ref: str = ""
    title: str = "deploy {version} {operation}"
    #: kamal: the destination.
    destination: str = ""
    #: fly, heroku: the app.
    app: str = ""
    #: vercel: a domain of production, and the team.
    domain: str = ""
    scope: str = ""
    #: Seconds after which a deployment counts as hanging and is stopped.
    timeout: float = 300.0
    #: Seconds to wait for the smoke tests to pass after a deployment before they count.
    settle: float = 30.0


class VerifyConfig(Record):
    """What a verification asks for."""

    #: How often in a row a smoke test has to pass after a change.
    in_a_row: int = 2


class ProbeConfig(Record):
    """A smoke test (`[[smoke]]`) or the check of something production depends on (`[[dependency]]`)."""

    name: str
    url: str = ""
    method: str = "GET"
    body: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    #: Statuses that pass; empty means 200 to 299.
    status: tuple[int, ...] = ()
    #: Text the body, or what a TCP service says, must contain.
    text: str = ""
    #: Headers of the answer, and a text that each must contain.
    expect_headers: tuple[tuple[str, str], ...] = ()
    #: Dotted paths into a JSON body: what must be there, and what must be equal.
    json_has: tuple[str, ...] = ()
    json: tuple[tuple[str, str | int | float | bool], ...] = ()
    #: How many redirects are followed.
    redirects: int = 0
    #: Certificate authorities beside the system's, a PEM file relative to the root.
    ca_file: str = ""
    #: Instead of a URL: `host:port`, with TLS or without.
    tcp: str = ""
    tls: bool = False
    #: Instead of a URL: an argument list that exits 0.
    command: tuple[str, ...] = ()
    #: Exit codes of the command that say nothing about production.
    unknown: tuple[int, ...] = ()
    #: Instead of a URL: a Playwright test file; with `command`, what runs it.
    playwright: str = ""
    #: What a failing browser test leaves behind, kept as evidence.
    keep_screenshot: bool = True
    keep_trace: bool = False
    #: The component it proves.
    covers: str = ""
    critical: bool = True
    #: Seconds.
    timeout: float = 5.0
    #: Milliseconds the answer may take; 0 for any.
    max_latency: int = 0


class LogConfig(Record):
    """A log (`[[logs]]`): a file or pattern, an argument list that prints it, or the deployer's own."""

    name: str
    file: str = ""
    command: tuple[str, ...] = ()
    #: True: what the deployer knows as the log of production.
    deployer: bool = False
    component: str = ""
    #: MiB from its end that are read for a comparison with before.
    look_back: float = 16.0


class KnownErrorConfig(Record):
    """An error that must not come back (`[[known_error]]`), by the signature that logs are read for."""

    signature: str
    #: Number of the way of grouping that named it (`response.kinds`); 0 for today's.
    grouping: int = 0


class NotifyConfig(Record):
    """Stakeholders by severity: Apprise addresses, or `$NAME` for one in the environment."""

    P0: tuple[str, ...] = ()
    P1: tuple[str, ...] = ()
    P2: tuple[str, ...] = ()
    P3: tuple[str, ...] = ()
    P4: tuple[str, ...] = ()


class PeopleConfig(Record):
    """Who decides."""

    on_call: tuple[str, ...] = ()
    seniority: tuple[str, ...] = ()


class ReviewConfig(Record):
    """Where the team keeps what it learned; paths relative to the repository."""

    postmortems: str = "docs/postmortems"
    incident_log: str = "INCIDENTS.md"
    regressions: str = "docs/regressions.md"
    #: Days until a follow-up is due when nobody says.
    action_days: int = 14


class FlagConfig(Record):
    """A feature flag (`[[flag]]`) that can be turned off when what it covers is broken."""

    name: str
    #: The component it switches, as `covers` of the smoke tests calls it.
    covers: str = ""
    #: The file it stands in, whose change changes production without a release.
    file: str = ""
    #: Argument list that turns it off; shown to people, not run.
    off: tuple[str, ...] = ()
    #: Who answers for it, and what it is for.
    owner: str = ""
    purpose: str = ""
    #: `on` or `off` where nobody turned it; "" when nobody says.
    default: str = ""


class FlagSystemConfig(Record):
    """Where the feature flags are defined and switched (`[flags]`)."""

    #: `andon`, `file`, `unleash` or `launchdarkly`.
    system: str = "andon"
    #: The definitions in the repository, in flagd's format, relative to the root; "" without any.
    file: str = ""
    #: `andon flags serve`, or the API of another system: an http:// or https:// address.
    server: str = ""
    #: What opens it, as `$NAME` in the environment; "" when it needs none.
    token: str = ""
    #: How the other system calls the project and the environment that is production.
    project: str = ""
    environment: str = ""
    #: Seconds for which a kill waits for the confirmation of every connected process.
    confirm: float = 5.0
    #: Days at 0 or 100 percent, or without any evaluation, after which a flag counts as left over.
    stale_days: int = 30
    #: What `andon.flags`' pytest plugin reports: which states of which flag the tests ran with.
    report: str = ".andon-flag-states.json"
    #: Places in the repository, as patterns, in which no use of a flag is looked for.
    unscanned: tuple[str, ...] = ()
    #: Functions of the project's own that ask for a flag: their first text is its key.
    calls: tuple[str, ...] = ()

    @property
    def is_configured(self) -> bool:
        """True when there is something to list or to switch."""
        return bool(self.file or self.server)


class DecisionConfig(Record):
    """Thresholds of the rule table, in minutes."""

    quick_fix: float = 30.0
    slow_fix: float = 60.0
    #: A deployment this long before the break is near it.
    near_deployment: float = 30.0


class TrialConfig(Record):
    """How migrations are tried on a disposable copy, and how those that are programs are run there."""

    #: What to copy: `$NAME` for an address in the environment, or `sqlite:PATH`; "" when it is always given.
    copy_of: str = ""
    #: Databases that are never tried on: addresses as `$NAME`, or files.
    production: tuple[str, ...] = ()
    #: Argument lists that take one migration up or down, with `{revision}`, `{previous}`, `{app}`, `{file}`.
    up: tuple[str, ...] = ()
    down: tuple[str, ...] = ()
    #: Argument list that takes an empty copy to `{revision}` at once; without it `up` runs for each one.
    base: tuple[str, ...] = ()
    #: Name of the environment variable in which those commands look for the database.
    url: str = "DATABASE_URL"
    #: The Python that has the project's Alembic, for trials without `up` and `down`; empty for `python3`.
    python: tuple[str, ...] = ()
    #: Seconds one migration may take one way.
    timeout: float = 60.0


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


class SecretsConfig(Record):
    """How the repository is kept free of secrets."""

    #: Days after which the audit of secret files is due again.
    audit_days: int = 90


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


class LeakConfig(Record):
    """What is known of the places that a leaked secret may have reached."""

    #: Remotes, by name or address, that everybody can read, and those that only the team can.
    public_remotes: tuple[str, ...] = ()
    private_remotes: tuple[str, ...] = ()
    #: Days that a backup of a history with secrets is kept.
    keep_backup_days: int = 30


class GapConfig(Record):
    """The suite that passes, for finding out why production fails all the same (`[gap]`)."""

    #: Argument list that runs the suite; `{report}` in it is the file that JUnit output is wanted in.
    suite: tuple[str, ...] = ()
    #: `playwright` (Test, in TypeScript or JavaScript), `pytest` or `junit`; "" to tell it by the command.
    flavour: str = ""
    #: Where the suite runs, relative to the root.
    directory: str = ""
    #: Files and directories that its last passing run left: reports and traces, relative to `directory`.
    artefacts: tuple[str, ...] = ()
    #: The variable by which the suite is told where the application is.
    url_variable: str = "BASE_URL"
    #: Tests that go the way on which production fails, as the runner takes them; found by the artefacts else.
    journey: tuple[str, ...] = ()
    #: Minutes for a whole search.
    minutes: float = 10.0
    #: Hosts that load may be sent to.
    load_hosts: tuple[str, ...] = ("127.0.0.1", "::1", "localhost")
    #: Endpoints besides GET and HEAD that may be repeated at will, as in `POST /search`.
    safe: tuple[str, ...] = ()

    @property
    def is_configured(self) -> bool:
        """True when there is a suite."""
        return bool(self.suite)


class WorldConfig(Record):
    """One of the two worlds of `[gap]`: how the application is started in it, and what it stands on."""

    #: Argument list that starts the application; `{port}` is a free port of this machine.
    start: tuple[str, ...] = ()
    #: Where it is started, relative to the root.
    directory: str = ""
    #: The variable that holds its port.
    port_variable: str = "PORT"
    #: The path that answers once it is up.
    health: str = "/"
    #: An address where this world already runs, for looking at it; "" for none.
    url: str = ""
    #: Where its settings come from: a file (.env, .json, .yaml, .toml), `container:NAME`,
    #: `compose:SERVICE`, `kubernetes:KIND/NAME`, or `$PREFIX_*`: variables of this process, without the
    #: prefix.
    env: str = ""
    #: Settings on top of that.
    set: tuple[tuple[str, str], ...] = ()
    #: `sqlite:PATH`, a PostgreSQL URL, or `$NAME` of the environment. Only read; experiments get copies.
    database: str = ""
    #: The variable that tells the application where its database is.
    database_variable: str = "DATABASE_URL"
    #: How many use it at once.
    users: int = 1
    #: A network profile of browsers: `none`, `slow-3g`, `fast-3g`, `slow-4g`, `fast-4g`.
    network: str = "none"
    #: Milliseconds to the database.
    database_latency: float = 0.0
    #: What it runs: a version, a commit, or `url:PATH` that answers with it; "" when not known.
    release: str = ""


class GapDependencyConfig(Record):
    """An outside service of one of the two worlds (`[[gap.test.dependency]]`)."""

    #: `test` or `prod`.
    world: str
    name: str
    #: The variable that tells the application where it is.
    variable: str = ""
    #: Its address, when it is asked live.
    url: str = ""
    #: A HAR, a VCR cassette (.yaml), or Andon's own JSON, relative to the root, when it is recorded.
    recording: str = ""
    #: Milliseconds to it and back.
    latency: float = 0.0


class Config(Record):
    """Everything in `andon.toml`."""

    service: str
    #: The file it came from; "" when there is none.
    path: str = ""
    #: Root of the repository, or the directory the command was given in.
    root: str = ""
    #: The team's own protocol, relative to the root; "" for the built-in one.
    protocol: str = ""
    #: `gears` or `levels`: which words are shown.
    words: str = "gears"
    #: Journal: a path or a PostgreSQL URL; "" for the default place.
    journal: str = ""
    #: Directories and files that hold database migrations, relative to the root.
    migrations: tuple[str, ...] = ()
    #: Environment files whose values are secrets.
    secret_files: tuple[str, ...] = (".env",)
    #: Files with settings of production: their change is a change without a release.
    setting_files: tuple[str, ...] = ()
    deploy: DeployConfig = DeployConfig()
    smoke: tuple[ProbeConfig, ...] = ()
    dependencies: tuple[ProbeConfig, ...] = ()
    logs: tuple[LogConfig, ...] = ()
    known_errors: tuple[KnownErrorConfig, ...] = ()
    flags: tuple[FlagConfig, ...] = ()
    notify: NotifyConfig = NotifyConfig()
    people: PeopleConfig = PeopleConfig()
    review: ReviewConfig = ReviewConfig()
    decision: DecisionConfig = DecisionConfig()
    verify: VerifyConfig = VerifyConfig()
    trial: TrialConfig = TrialConfig()
    gates: GatesConfig = GatesConfig()
    ship: ShipConfig = ShipConfig()
    staging: tuple[ProbeConfig, ...] = ()
    scanners: tuple[ScannerConfig, ...] = ()
    hotfix: HotfixConfig = HotfixConfig()
    secrets: SecretsConfig = SecretsConfig()
    leak: LeakConfig = LeakConfig()
    flag_system: FlagSystemConfig = FlagSystemConfig()
    gap: GapConfig = GapConfig()
    gap_test: WorldConfig = WorldConfig()
    gap_prod: WorldConfig = WorldConfig()
    gap_dependencies: tuple[GapDependencyConfig, ...] = ()


#: The records inside a Config, by field, for the cache.
_PARTS: dict[str, type[Record]] = {
    "deploy": DeployConfig,
    "notify": NotifyConfig,
    "people": PeopleConfig,
    "review": ReviewConfig,
    "decision": DecisionConfig,
    "verify": VerifyConfig,
    "trial": TrialConfig,
    "gates": GatesConfig,
    "ship": ShipConfig,
    "hotfix": HotfixConfig,
    "secrets": SecretsConfig,
    "leak": LeakConfig,
    "flag_system": FlagSystemConfig,
    "gap": GapConfig,
    "gap_test": WorldConfig,
    "gap_prod": WorldConfig,
}
_LISTS: dict[str, type[Record]] = {
    "smoke": ProbeConfig,
    "dependencies": ProbeConfig,
    "logs": LogConfig,
    "known_errors": KnownErrorConfig,
    "flags": FlagConfig,
    "staging": ProbeConfig,
    "scanners": ScannerConfig,
    "gap_dependencies": GapDependencyConfig,
}


def to_plain(config: Config) -> dict[str, Any]:
    """Return the configuration as JSON values; `from_plain` is the inverse."""
    plain: dict[str, Any] = {f: getattr(config, f) for f in config.__fields__}
    for field in _PARTS:
        plain[field] = _fields(plain[field])
    for field in _LISTS:
        plain[field] = [_fields(part) for part in plain[field]]
    return plain


def from_plain(plain: dict[str, Any]) -> Config:
    """Rebuild what `to_plain` returned; raises TypeError or KeyError for anything else."""
    given = {**plain}
    for field, part in _PARTS.items():
        given[field] = part(**{k: _frozen(v) for k, v in plain[field].items()})
    for field, part in _LISTS.items():
        given[field] = tuple(part(**{k: _frozen(v) for k, v in p.items()}) for p in plain[field])
    return Config(**{k: _frozen(v) for k, v in given.items()})


def _fields(record: Record) -> dict[str, Any]:
    return {f: getattr(record, f) for f in record.__fields__}


def _frozen(value: Any) -> Any:
    return tuple(_frozen(v) for v in value) if isinstance(value, (list, tuple)) else value
