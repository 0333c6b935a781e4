"""What may pass: `[gates]`, `[ship]`, `[hotfix]`, `[secrets]`, `[[scanner]]`, and the trial of migrations."""

from __future__ import annotations

from andon.config.model_production import TrialConfig
from andon.config.model_team import GatesConfig, HotfixConfig, ScannerConfig, SecretsConfig, ShipConfig
from andon.config.table import refuse_twins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.config.table import Table


def read_trial(table: Table) -> TrialConfig:
    """Return how migrations are tried; raises InvalidInput for one way without the other."""
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


def read_gates(table: Table) -> GatesConfig:
    """Return what the gates protect; raises InvalidInput for what names no branch."""
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


def read_ship(table: Table) -> ShipConfig:
    """Return what is run before shipping; raises InvalidInput for a setup without a test."""
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


def read_scanners(tables: tuple[Table, ...]) -> tuple[ScannerConfig, ...]:
    """Return the scanners; raises InvalidInput for one without an {output}."""
    scanners = tuple(_scanner(t) for t in tables)
    refuse_twins(tables, [scanner.name for scanner in scanners])
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


def read_hotfix(table: Table) -> HotfixConfig:
    """Return how a hotfix is tried and built."""
    hotfix = HotfixConfig(
        test=table.argv("test"),
        build=table.argv("build"),
        timeout=table.number("timeout", 900.0, least=1.0),
        main=table.name("main"),
    )
    table.finish()
    return hotfix


def read_secrets(table: Table) -> SecretsConfig:
    """Return how the repository is kept free of secrets."""
    secrets = SecretsConfig(audit_days=table.whole("audit_days", 90, least=1, most=366))
    table.finish()
    return secrets
