"""What a deploy tool prints about its releases: JSON lines, a JSON list, or one version a line. Pure."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime

from andon.desk.values import ReleaseOnDisk
from andon.incident.words import ReleaseVerdict
from andon.production.version import is_version
from andon.record import Record

_NEVER = datetime.min.replace(tzinfo=UTC)
_COMMIT = re.compile(r"[0-9a-fA-F]{7,64}")


class Listing(Record):
    """The releases, newest first, and what could not be understood."""

    releases: tuple[ReleaseOnDisk, ...]
    #: One sentence for each line that is no release.
    complaints: tuple[str, ...] = ()


def read_releases(text: str) -> Listing:
    """Read a listing of releases; of a version that is listed twice the newer entry counts.

    With a moment on every entry they are put in order, newest first; otherwise the printed order stays.
    """
    found: dict[str, ReleaseOnDisk] = {}
    complaints = []
    for place, entry in _entries(text):
        release = _release(entry)
        if release is None:
            complaints.append(f"{place}: not a release: {_shown(entry)}")
        elif release.version not in found or _is_newer(release, found[release.version]):
            found[release.version] = release
    releases = list(found.values())
    dated = [release for release in releases if release.deployed_at]
    if len(dated) == len(releases):
        releases.sort(key=lambda release: release.deployed_at or _NEVER, reverse=True)
    return Listing(releases=tuple(releases), complaints=tuple(complaints))


def moment_in(value: object) -> datetime | None:
    """Return the moment in ISO 8601 (UTC when it names no zone) or in seconds since 1970; None otherwise."""
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value.strip())
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
            return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None


def commit_in(value: object) -> str:
    """Return the commit id in lower case; "" for anything else."""
    return value.lower() if isinstance(value, str) and _COMMIT.fullmatch(value) else ""


def _entries(text: str) -> list[tuple[str, object]]:
    whole = _json(text) if text.lstrip().startswith("[") else None
    if isinstance(whole, list):
        return [(f"entry {number}", entry) for number, entry in enumerate(whole, 1)]
    lines = [(f"line {number}", line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    return [(place, _json(line) if line.startswith("{") else line) for place, line in lines if line]


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _release(entry: object) -> ReleaseOnDisk | None:
    said = entry if isinstance(entry, dict) else {"version": entry}
    version = said.get("version")
    if not isinstance(version, str) or not is_version(version):
        return None
    artefact = said.get("artefact")
    return ReleaseOnDisk(
        version=version,
        commit=commit_in(said.get("commit")),
        artefact=artefact if isinstance(artefact, str) else "",
        deployed_at=moment_in(said.get("deployed_at")),
        verdict=_verdict(said.get("verdict")),
    )


def _verdict(value: object) -> ReleaseVerdict:
    try:
        return ReleaseVerdict(str(value).lower())
    except ValueError:
        return ReleaseVerdict.UNKNOWN


def _is_newer(one: ReleaseOnDisk, other: ReleaseOnDisk) -> bool:
    return bool(one.deployed_at and other.deployed_at and one.deployed_at > other.deployed_at)


def _shown(entry: object) -> str:
    text = repr(entry)
    return text if len(text) <= 80 else text[:80] + "..."
