"""Which flag system is configured: one line per kind."""

from __future__ import annotations

from importlib import import_module

from andon.errors import Unavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.config.model_production import FlagSystemConfig
    from andon.desk.ports_flags import FlagSystem

#: Kind to the module here that has a function `open_system(config, root)`.
_KINDS: dict[str, str] = {
    "andon": "flags_andon",
    "file": "flags_file",
    "unleash": "flags_unleash",
    "launchdarkly": "flags_launchdarkly",
}


def flag_system_for(config: FlagSystemConfig, root: str) -> FlagSystem | None:
    """Return the configured flag system, None when there is none; raises Unavailable for an unset token."""
    if not config.is_configured:
        return None
    try:
        module = import_module(f"andon.production.{_KINDS[config.system]}")
    except ModuleNotFoundError as problem:
        raise Unavailable(f"no adapter for {config.system}", rule="flag-system") from problem
    system: FlagSystem = module.open_system(config, root)
    return system
