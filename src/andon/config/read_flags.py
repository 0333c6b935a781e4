"""Where feature flags are defined and switched: `[flags]`."""

from __future__ import annotations

from andon.config.model_production import FlagSystemConfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.config.table import Table


def read_flag_system(table: Table) -> FlagSystemConfig:
    """Return the flag system; raises InvalidInput for one that lacks what it cannot do without."""
    found = FlagSystemConfig(
        system=table.word("system", ("andon", "file", "unleash", "launchdarkly"), "andon"),
        file=table.string("file", "").removeprefix("./"),
        server=table.string("server", "").rstrip("/"),
        token=table.string("token", ""),
        project=table.string("project", ""),
        environment=table.string("environment", ""),
        confirm=table.number("confirm", 5.0, least=0.1),
        stale_days=table.whole("stale_days", 30, least=1, most=3650),
        report=table.string("report", ".andon-flag-states.json"),
        unscanned=table.strings("unscanned"),
        calls=table.strings("calls"),
    )
    if found.server and not found.server.startswith(("http://", "https://")):
        raise table.wrong("server", "an http:// or https:// address")
    if found.token and not found.token.startswith("$"):
        raise table.wrong("token", "the name of an environment variable, as $NAME: a file is no place for it")
    if found.file.startswith("/") or ".." in found.file.split("/"):
        raise table.wrong("file", "a file in the repository, such as flags.json")
    if found.system == "file" and not found.file:
        raise table.wrong("file", "given: the file that flagd, or whoever reads it, gets the flags from")
    if found.system in ("unleash", "launchdarkly") and not (found.server and found.environment):
        raise table.wrong("server", f"given, and environment: where {found.system} is asked, about what")
    if any(not name.isidentifier() for name in found.calls):
        raise table.wrong("calls", "names of functions, such as is_on, without what stands before the dot")
    table.finish()
    return found
