"""The sections about production as values: how it is changed, seen, switched and tried on."""

from __future__ import annotations

from andon.record import Record


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


class VerifyConfig(Record):
    """What a verification asks for."""

    #: How often in a row a smoke test has to pass after a change.
    in_a_row: int = 2


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
