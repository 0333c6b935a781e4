"""The build this process runs in, as the variables of its CI system and GitHub's event file say."""

from __future__ import annotations

import json
import os

from andon.response.gates.ci import build_from

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from andon.response.gates.ci import Build

#: Bytes of an event file.
_LARGEST = 1 << 24


def this_build() -> Build:
    """Return what the environment says about this build; a build of HEAD where it says nothing."""
    return build_from(os.environ, _event(os.environ.get("GITHUB_EVENT_PATH", "")))


def _event(path: str) -> Mapping[str, object]:
    """Return GitHub's event; empty when there is none or it cannot be read, so that less is known."""
    try:
        with open(path, "rb") as file:
            found = json.loads(file.read(_LARGEST))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
