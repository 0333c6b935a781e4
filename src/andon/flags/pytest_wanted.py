"""Whether a run of pytest makes the report of flag states, and where: decided before more is loaded."""

from __future__ import annotations

import os

#: What the configuration calls a report when it does not say.
DEFAULT = ".andon-flag-states.json"


def wanted(asked: str, root: str, here: str) -> str:
    """Return where the report goes: the file that was asked for, or that of `[flags]` in andon.toml; or "".

    A configuration that cannot be read makes no report: `andon doctor` tells what is wrong with it, and tests
    have to run without it.
    """
    if asked:
        return os.path.join(here, asked)
    try:
        with open(os.path.join(root, "andon.toml"), "rb") as file:
            content = file.read()
    except OSError:
        return ""
    if b"flags" not in content:
        return ""
    import tomllib

    try:
        table = tomllib.loads(content.decode()).get("flags")
    except ValueError:
        return ""
    if not isinstance(table, dict):
        return ""
    name = table.get("report", DEFAULT)
    return os.path.join(root, name) if isinstance(name, str) and name else ""
