"""Feature flags whose defaults go back with the code, in the files that teams and flag services use."""

from __future__ import annotations

import re

from andon.response.risks.risk import Risk, is_beside
from andon.response.risks.settings import read_settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from andon.response.risks.risk import Change
    from andon.response.risks.settings import Setting

_NAMED = re.compile(
    r"(?:^|/)(?:[\w.-]{0,40}[._-])?(?:feature[_-]?)?(?:flags?|toggles?|features|flagd|unleash|growthbook|flipper)"
    r"(?:[._-][\w.-]{0,40})?\.(?:json|ya?ml|toml)$",
    re.IGNORECASE,
)
_DIRECTORIES = frozenset(("flags", "feature-flags", "feature_flags", "featureflags", "toggles", "flagd"))
#: The name under which a flag's default stands; another name counts when its value is a switch.
_DEFAULTS = frozenset(
    ("default", "defaultvariant", "defaultvalue", "enabled", "state", "on", "off", "value", "rollout",
     "percentage", "killswitch", "archived")
)  # fmt: skip
_SWITCH = frozenset(("true", "false", "on", "off", "yes", "no", "enabled", "disabled"))


def is_flag_file(path: str) -> bool:
    """True for a file that, by its name or place, defines feature flags."""
    if is_beside(path):
        return False
    lowered = path.lower()
    in_place = bool(_DIRECTORIES.intersection(lowered.split("/")[:-1]))
    return bool(_NAMED.search(lowered)) or (
        in_place and lowered.endswith((".json", ".yml", ".yaml", ".toml"))
    )


def flag_risks(change: Change) -> Iterator[Risk]:
    """Return the flags whose default differs, and those that come back with one."""
    older = {setting.names: setting for setting in read_settings(change.path, change.old) if _counts(setting)}
    newer = {setting.names: setting for setting in read_settings(change.path, change.new) if _counts(setting)}
    for names, then in older.items():
        now = newer.get(names)
        flag = _flag(names)
        if now is None and not any(_flag(other) == flag for other in newer):
            text = f"flag {flag} comes back, with {_told(then)}"
            yield Risk(kind="flag", path=change.path, text=text)
        elif now is not None and now.value != then.value:
            text = f"flag {flag}: {names[-1]} goes back from {now.value[:40]} to {then.value[:40]}"
            yield Risk(kind="flag", path=change.path, line=now.line, text=text, is_loud=True)


def _counts(setting: Setting) -> bool:
    if not setting.value:
        return False
    return setting.names[-1].lower() in _DEFAULTS or setting.value.lower() in _SWITCH


def _flag(names: tuple[str, ...]) -> str:
    """Return the flag's name: the way to its default without the words around it."""
    own = names[:-1] if names[-1].lower() in _DEFAULTS and len(names) > 1 else names
    plain = [name for name in own if name.lower() not in ("flags", "features", "toggles", "-")]
    return ".".join(plain) or names[-1]


def _told(setting: Setting) -> str:
    return f"{setting.names[-1]} {setting.value[:40]}"
