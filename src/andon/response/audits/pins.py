"""Which packages a Python lock file fixes to which version, so that an audit need not resolve anything."""

from __future__ import annotations

import json
import re
import tomllib

from andon.record import Record


class Pins(Record):
    """What a lock file fixes."""

    #: Name to version.
    versions: dict[str, str]
    #: What it names without fixing it, or why it cannot be read: it is not audited.
    open: tuple[str, ...] = ()


_PINNED = re.compile(
    r"^([A-Za-z0-9][\w.-]{0,100})(?:\[[^\]]{0,100}\])?\s{0,4}===?\s{0,4}([\w.+!-]{1,60})\s*(?:[;\\#]|--hash|$)"
)
_OPTION = re.compile(r"^(?:#|-r\b|-c\b|-i\b|-f\b|--(?!.*==))")
#: Where a package comes from when it is the project's own, or no release of any index.
_OWN = ("editable", "virtual", "directory", "path", "git", "url")


def python_pins(path: str, text: str) -> Pins:
    """Return the pins of a requirements file, or of uv, poetry, pdm and Pipenv."""
    name = path.rpartition("/")[2].lower()
    try:
        if name == "pipfile.lock":
            return _pipenv(text)
        if name.endswith((".lock", ".toml")):
            return _toml(text)
    except (ValueError, RecursionError, AttributeError, TypeError) as problem:
        return Pins(versions={}, open=(f"{path} cannot be read: {type(problem).__name__}",))
    return _requirements(text)


def _requirements(text: str) -> Pins:
    versions: dict[str, str] = {}
    loose = []
    for line in text.replace("\\\r\n", " ").replace("\\\n", " ").splitlines():
        bare = line.strip()
        if not bare or _OPTION.match(bare):
            continue
        if match := _PINNED.match(bare):
            versions[match[1].lower()] = match[2]
        else:
            loose.append(bare[:80])
    return Pins(versions=versions, open=tuple(loose))


def _toml(text: str) -> Pins:
    versions: dict[str, str] = {}
    for package in tomllib.loads(text).get("package", []):
        source = package.get("source", {})
        kinds = {*source, source.get("type", "")} if isinstance(source, dict) else set()
        is_own = any(kind in kinds or kind in package for kind in _OWN if kind != "url") or source == "git"
        if not is_own and isinstance(package.get("version"), str):
            versions[str(package["name"]).lower()] = package["version"]
    return Pins(versions=versions)


def _pipenv(text: str) -> Pins:
    whole = json.loads(text)
    versions: dict[str, str] = {}
    loose = []
    for section in ("default", "develop"):
        for name, package in whole.get(section, {}).items():
            version = package.get("version", "")
            if version.startswith("=="):
                versions[name.lower()] = version.lstrip("=")
            elif not any(kind in package for kind in ("path", "git", "file", "editable")):
                loose.append(name)
    return Pins(versions=versions, open=tuple(loose))
