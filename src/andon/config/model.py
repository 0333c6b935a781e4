"""The configuration as values; each family of sections is beside this, in `model_<family>`.

Every field has a default, so that Andon works in a repository without a configuration.
"""

from __future__ import annotations

from andon.config.model_gap import GapConfig, GapDependencyConfig, WorldConfig
from andon.config.model_production import (
    DeployConfig,
    FlagConfig,
    FlagSystemConfig,
    KnownErrorConfig,
    LogConfig,
    ProbeConfig,
    TrialConfig,
    VerifyConfig,
)
from andon.config.model_team import (
    DecisionConfig,
    GatesConfig,
    HotfixConfig,
    LeakConfig,
    NotifyConfig,
    PeopleConfig,
    ReviewConfig,
    ScannerConfig,
    SecretsConfig,
    ShipConfig,
)
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


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
