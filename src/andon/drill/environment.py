"""The variables that programs of the drill see: nothing that leads git or Andon to somebody's real work."""

from __future__ import annotations

import os
from collections.abc import Mapping


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return this process's environment without git's and Andon's own variables, with `extra` added."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("ANDON_", "GIT_"))}
    ours = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}
    return {**inherited, **ours, **(extra or {})}
