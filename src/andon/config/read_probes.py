"""What is looked at: smoke tests, dependencies, logs and the errors known in them, and flags."""

from __future__ import annotations

from andon.config.model_production import FlagConfig, KnownErrorConfig, LogConfig, ProbeConfig
from andon.config.table import refuse_twins
from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.config.table import Table

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


def read_probes(tables: tuple[Table, ...]) -> tuple[ProbeConfig, ...]:
    """Return smoke tests; raises InvalidInput for one that is none or two, or a name given twice."""
    probes = tuple(_probe(t) for t in tables)
    refuse_twins(tables, [p.name for p in probes])
    return probes


def read_logs(tables: tuple[Table, ...]) -> tuple[LogConfig, ...]:
    """Return the logs; raises InvalidInput as well for a name given twice."""
    logs = tuple(_log(t) for t in tables)
    refuse_twins(tables, [log.name for log in logs])
    return logs


def read_known_errors(tables: tuple[Table, ...]) -> tuple[KnownErrorConfig, ...]:
    """Return the errors that must not come back; raises InvalidInput as well for one that is given twice."""
    errors = tuple(_known_error(t) for t in tables)
    refuse_twins(tables, [error.signature for error in errors], "signature")
    return errors


def _known_error(table: Table) -> KnownErrorConfig:
    error = KnownErrorConfig(
        signature=table.named("signature"), grouping=table.whole("grouping", 0, most=1000)
    )
    table.finish()
    return error


def read_flags(tables: tuple[Table, ...]) -> tuple[FlagConfig, ...]:
    """Return the flags; raises InvalidInput as well for a name given twice."""
    flags = tuple(_flag(t) for t in tables)
    refuse_twins(tables, [flag.name for flag in flags])
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
