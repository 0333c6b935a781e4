"""`andon.toml` to a Config, strictly. Only runs when the cache has no current answer."""

from __future__ import annotations

import tomllib

from andon.config.deploy_keys import REQUIRED, known_for
from andon.config.model import (
    Config,
    DecisionConfig,
    DeployConfig,
    FlagConfig,
    GatesConfig,
    HotfixConfig,
    LogConfig,
    NotifyConfig,
    PeopleConfig,
    ProbeConfig,
    ReviewConfig,
    ScannerConfig,
    ShipConfig,
    TrialConfig,
    VerifyConfig,
)
from andon.config.table import Table
from andon.errors import InvalidInput
from andon.record import replace

#: Seconds that a browser test may take when nobody says: the browser has to start as well.
BROWSER_TIMEOUT = 60.0
#: MiB of a log that are read at once, at most.
LARGEST_LOOK_BACK = 64.0
#: The kinds of smoke test that a setting is for; one that would be ignored is refused.
_ONLY_FOR = {
    "method": ("url",),
    "headers": ("url",),
    "status": ("url",),
    "expect_headers": ("url",),
    "json_has": ("url",),
    "json": ("url",),
    "redirects": ("url",),
    "body": ("url", "tcp"),
    "text": ("url", "tcp"),
    "ca_file": ("url", "tcp"),
    "max_latency": ("url", "tcp"),
    "tls": ("tcp",),
    "unknown": ("command",),
    "keep_screenshot": ("playwright", "command"),
    "keep_trace": ("playwright", "command"),
}


def read_config(content: bytes, *, path: str, root: str, default_service: str) -> Config:
    """Return the configuration in `content`; raises InvalidInput naming file and line."""
    try:
        text = content.decode()
        values = tomllib.loads(text)
    except UnicodeDecodeError as problem:
        line = content[: problem.start].count(b"\n") + 1
        raise InvalidInput(
            "the file is not UTF-8 text", where=f"{path}:{line}", rule="configuration", remedy="andon init"
        ) from problem
    except tomllib.TOMLDecodeError as problem:
        raise InvalidInput(
            f"this is not TOML: {problem}",
            where=_toml_place(path, text, str(problem)),
            rule="configuration",
            remedy="mend the line; Andon's docs/reference/configuration.md shows an example",
        ) from problem
    table = Table(values, file=path, text=text)
    config = Config(
        service=_service(table, default_service),
        path=path,
        root=root,
        protocol=table.string("protocol", ""),
        words=table.word("words", ("gears", "levels"), "gears"),
        journal=table.string("journal", ""),
        migrations=table.strings("migrations"),
        secret_files=table.strings("secret_files", (".env",)),
        setting_files=table.strings("setting_files"),
        deploy=_deploy(table.table("deploy")),
        smoke=_probes(table.tables("smoke")),
        dependencies=_probes(table.tables("dependency")),
        logs=_logs(table.tables("logs")),
        flags=_flags(table.tables("flag")),
        notify=_notify(table.table("notify")),
        people=_people(table.table("people")),
        review=_review(table.table("review")),
        decision=_decision(table.table("decision")),
        verify=_verify(table.table("verify")),
        trial=_trial(table.table("trial")),
        gates=_gates(table.table("gates")),
        ship=_ship(table.table("ship")),
        staging=_probes(table.tables("staging")),
        scanners=_scanners(table.tables("scanner")),
        hotfix=_hotfix(table.table("hotfix")),
    )
    _refuse_no_place(table, config.migrations)
    table.finish()
    return config


def _refuse_no_place(table: Table, places: tuple[str, ...]) -> None:
    """Raise InvalidInput for a place that can hold nothing of the repository: it would be ignored."""
    for place in places:
        if not place or place.startswith("/") or ".." in place.split("/"):
            raise table.wrong("migrations", "a directory or file in the repository, such as db/migrations")


def _toml_place(path: str, text: str, message: str) -> str:
    _, _, after = message.partition("at line ")
    line = after.split(",")[0] if after else str(text.rstrip().count("\n") + 1)  # at end of document
    return f"{path}:{line}" if line.isdigit() else path


def _service(table: Table, default: str) -> str:
    service = table.string("service", default)
    fits = service.strip() and service.isprintable() and len(service.encode()) <= 100
    if not fits or any(c in service for c in "/\\") or service.startswith("."):
        raise table.wrong("service", "a short printable name without slashes that does not start with a dot")
    return service


def _deploy(table: Table) -> DeployConfig:
    kind = table.word(
        "kind",
        (
            "symlink",
            "command",
            "compose",
            "kubectl",
            "helm",
            "argo-rollouts",
            "github-actions",
            "kamal",
            "fly",
            "heroku",
            "vercel",
        ),
        "",
    )
    deploy = DeployConfig(
        kind=kind,
        root=table.string("root", ""),
        restart=table.argv("restart"),
        unit=table.name("unit"),
        deploy=table.argv("deploy"),
        releases=table.argv("releases"),
        running=table.argv("running"),
        services=table.names("services"),
        image=table.name("image"),
        variable=table.name("variable", "IMAGE_TAG"),
        file=table.name("file"),
        project=table.name("project"),
        namespace=table.name("namespace"),
        context=table.name("context"),
        gitops=table.word("gitops", ("check", "paused"), "check"),
        deployment=table.name("deployment"),
        rollout=table.name("rollout"),
        container=table.name("container"),
        release=table.name("release"),
        versions=table.word("versions", ("revision", "app_version"), "revision"),
        workflow=table.name("workflow"),
        repository=table.name("repository"),
        ref=table.name("ref"),
        title=table.string("title", "deploy {version} {operation}"),
        destination=table.name("destination"),
        app=table.name("app"),
        domain=table.name("domain"),
        scope=table.name("scope"),
        timeout=table.number("timeout", 300.0, least=0.1),
        settle=table.number("settle", 30.0),
    )
    table.finish()
    _refuse_unfit(table, deploy)
    return deploy


def _refuse_unfit(table: Table, deploy: DeployConfig) -> None:
    """Raise InvalidInput for a setting of another kind of deployer, or without one that this kind needs."""
    known = known_for(deploy.kind)
    for key in table.given:
        if key not in known and not deploy.kind:
            raise table.wrong("kind", f"given: it says what {key} is for")
        if key not in known:
            raise table.wrong(key, f"left out: {deploy.kind} has {', '.join(known)}")
    for key, expected in REQUIRED.get(deploy.kind, {}).items():
        if not getattr(deploy, key):
            raise table.wrong(key, expected)
    if "{version}" not in deploy.title:
        raise table.wrong("title", "how the workflow names its runs, with {version} in it")


def _probes(tables: tuple[Table, ...]) -> tuple[ProbeConfig, ...]:
    probes = tuple(_probe(t) for t in tables)
    _refuse_twins(tables, [p.name for p in probes])
    return probes


def _logs(tables: tuple[Table, ...]) -> tuple[LogConfig, ...]:
    logs = tuple(_log(t) for t in tables)
    _refuse_twins(tables, [log.name for log in logs])
    return logs


def _flags(tables: tuple[Table, ...]) -> tuple[FlagConfig, ...]:
    flags = tuple(_flag(t) for t in tables)
    _refuse_twins(tables, [flag.name for flag in flags])
    return flags


def _flag(table: Table) -> FlagConfig:
    flag = FlagConfig(
        name=table.named("name"),
        covers=table.string("covers", ""),
        file=table.string("file", ""),
        off=table.argv("off"),
        owner=table.string("owner", ""),
        purpose=table.string("purpose", ""),
        default=table.word("default", ("on", "off"), ""),
    )
    table.finish()
    return flag


def _refuse_twins(tables: tuple[Table, ...], names: list[str]) -> None:
    for number, (table, name) in enumerate(zip(tables, names, strict=True)):
        if name in names[:number]:
            raise table.wrong("name", f"unique; {name!r} is used twice")


def _probe(table: Table) -> ProbeConfig:
    kind = _probe_kind(table)
    probe = ProbeConfig(
        name=table.named("name"),
        url=table.string("url", ""),
        method=table.string("method", "GET").upper(),
        body=table.string("body", ""),
        headers=table.pairs("headers"),
        status=table.numbers("status"),
        text=table.string("text", ""),
        expect_headers=table.pairs("expect_headers"),
        json_has=table.strings("json_has"),
        json=table.scalars("json"),
        redirects=table.whole("redirects", 0, most=20),
        ca_file=table.string("ca_file", ""),
        tcp=table.string("tcp", ""),
        tls=table.flag("tls", False),
        command=table.argv("command"),
        unknown=table.numbers("unknown"),
        playwright=table.string("playwright", ""),
        keep_screenshot=table.flag("keep_screenshot", True),
        keep_trace=table.flag("keep_trace", False),
        covers=table.string("covers", ""),
        critical=table.flag("critical", True),
        timeout=table.number("timeout", 5.0, least=0.05),
        max_latency=int(table.number("max_latency", 0)),
    )
    if probe.url and not probe.url.startswith(("http://", "https://")):
        raise table.wrong("url", "an http:// or https:// address")
    if probe.tcp and not _is_host_and_port(probe.tcp):
        raise table.wrong("tcp", 'a host and a port like "db.example.com:5432" or "[::1]:22"')
    if "\0" in probe.playwright or probe.playwright.startswith("-"):
        raise table.wrong("playwright", "a test file, relative to the root of the repository")
    table.finish()
    if kind == "playwright" and not table.has("timeout"):
        return replace(probe, timeout=BROWSER_TIMEOUT)
    return probe


def _probe_kind(table: Table) -> str:
    """Return the kind of probe a table describes; raises InvalidInput for none, two, a foreign setting."""
    kinds = [kind for kind in ("url", "tcp", "playwright", "command") if table.has(kind)]
    if kinds == ["playwright", "command"]:  # the command runs the tests
        kinds = ["playwright"]
    if len(kinds) != 1:
        raise table.wrong("url", "given, or else tcp, command or playwright: exactly one of them")
    for key, fitting in _ONLY_FOR.items():
        if table.has(key) and kinds[0] not in fitting:
            raise table.wrong(key, f"left out: it is for {' or '.join(fitting)}, and this is a {kinds[0]}")
    return kinds[0]


def _is_host_and_port(text: str) -> bool:
    host, colon, port = text.rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host.replace(":", "/")
    fits = bool(colon and bare) and not any(c.isspace() or c in "/[]@" or c < " " for c in bare)
    return fits and port.isascii() and port.isdigit() and 0 < int(port[:6]) < 1 << 16


def _log(table: Table) -> LogConfig:
    log = LogConfig(
        name=table.named("name"),
        file=table.string("file", ""),
        command=table.argv("command"),
        deployer=table.flag("deployer", False),
        component=table.string("component", ""),
        look_back=table.number("look_back", 16.0, least=0.0625),
    )
    if [bool(log.file), bool(log.command), log.deployer].count(True) != 1:
        raise table.wrong("file", "given, or else command or deployer = true: exactly one of the three")
    if any(c in log.file.rpartition("/")[0] for c in "*?["):
        raise table.wrong("file", "a path whose last part only is a pattern")
    if log.look_back > LARGEST_LOOK_BACK:
        raise table.wrong("look_back", f"at most {LARGEST_LOOK_BACK:g}")
    table.finish()
    return log


def _notify(table: Table) -> NotifyConfig:
    notify = NotifyConfig(
        P0=table.strings("P0"),
        P1=table.strings("P1"),
        P2=table.strings("P2"),
        P3=table.strings("P3"),
        P4=table.strings("P4"),
    )
    table.finish()
    return notify


def _people(table: Table) -> PeopleConfig:
    people = PeopleConfig(on_call=table.strings("on_call"), seniority=table.strings("seniority"))
    table.finish()
    return people


def _review(table: Table) -> ReviewConfig:
    review = ReviewConfig(
        postmortems=table.string("postmortems", "docs/postmortems"),
        incident_log=table.string("incident_log", "INCIDENTS.md"),
        regressions=table.string("regressions", "docs/regressions.md"),
        action_days=int(table.number("action_days", 14, least=1)),
    )
    table.finish()
    return review


def _decision(table: Table) -> DecisionConfig:
    decision = DecisionConfig(
        quick_fix=table.number("quick_fix", 30.0),
        slow_fix=table.number("slow_fix", 60.0),
        near_deployment=table.number("near_deployment", 30.0),
    )
    table.finish()
    return decision


def _verify(table: Table) -> VerifyConfig:
    verify = VerifyConfig(in_a_row=table.whole("in_a_row", 2, least=1, most=100))
    table.finish()
    return verify


def _trial(table: Table) -> TrialConfig:
    trial = TrialConfig(
        copy_of=table.string("copy_of", ""),
        production=table.strings("production"),
        up=table.argv("up"),
        down=table.argv("down"),
        base=table.argv("base"),
        url=table.string("url", "DATABASE_URL"),
        python=table.argv("python"),
        timeout=table.number("timeout", 60.0, least=1.0),
    )
    if bool(trial.up) != bool(trial.down):
        raise table.wrong("up", "given together with down: a trial runs both ways")
    if not trial.url.isidentifier():
        raise table.wrong("url", "the name of an environment variable")
    table.finish()
    return trial


def _gates(table: Table) -> GatesConfig:
    gates = GatesConfig(
        protected=table.strings("protected"),
        ship_branches=table.flag("ship_branches", False),
        severity=table.word("severity", ("low", "medium", "high", "critical"), "high"),
        unscanned=table.strings("unscanned"),
    )
    for name in gates.protected:
        if not name or name.startswith(("-", "refs/")) or not name.isprintable() or " " in name:
            raise table.wrong("protected", 'names of branches such as "main" or "release/*"')
    _refuse_no_endings(table, "unscanned", gates.unscanned)
    table.finish()
    return gates


def _ship(table: Table) -> ShipConfig:
    ship = ShipConfig(
        test=table.argv("test"),
        setup=table.argv("setup"),
        timeout=table.number("timeout", 1800.0, least=1.0),
        audits=table.strings("audits"),
        audit_days=table.whole("audit_days", 7, least=1, most=90),
    )
    if ship.setup and not ship.test:
        raise table.wrong("setup", "given together with test: it prepares the checkout for it")
    table.finish()
    return ship


def _scanners(tables: tuple[Table, ...]) -> tuple[ScannerConfig, ...]:
    scanners = tuple(_scanner(t) for t in tables)
    _refuse_twins(tables, [scanner.name for scanner in scanners])
    return scanners


def _scanner(table: Table) -> ScannerConfig:
    scanner = ScannerConfig(
        name=table.named("name"),
        command=table.argv("command"),
        files=table.word("files", ("changed", "all"), "changed"),
        endings=table.strings("endings"),
        canary=table.pairs("canary"),
        timeout=table.number("timeout", 300.0, least=1.0),
    )
    if not any("{output}" in word for word in scanner.command[1:]):
        raise table.wrong("command", "an argument list with {output}, the SARIF file it has to write")
    _refuse_no_endings(table, "endings", scanner.endings)
    for name, _ in scanner.canary:
        if not name or name.startswith("/") or "\0" in name or ".." in name.split("/"):
            raise table.wrong("canary", 'names of files and their texts, as { "canary.js" = "eval(name)" }')
    table.finish()
    return scanner


def _refuse_no_endings(table: Table, key: str, endings: tuple[str, ...]) -> None:
    if not all(ending.startswith(".") and len(ending) > 1 and "/" not in ending for ending in endings):
        raise table.wrong(key, 'a list of endings, such as [".js", ".ts"]')


def _hotfix(table: Table) -> HotfixConfig:
    hotfix = HotfixConfig(
        test=table.argv("test"),
        build=table.argv("build"),
        timeout=table.number("timeout", 900.0, least=1.0),
        main=table.name("main"),
    )
    table.finish()
    return hotfix
