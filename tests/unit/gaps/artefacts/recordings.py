"""The artefacts that real runs left (tests/recorded/gap), what is planted in them, and how to read them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from andon.gaps.artefacts.reading import read_artefacts
from andon.secrets.redaction import PatternRedactor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.gaps.beliefs import Beliefs

RECORDED = Path(__file__).resolve().parents[3] / "recorded" / "gap"
#: Parts of the secrets that the recorded runs typed, sent and were answered with.
PLANTED = (
    "planted-basic-5Vn1",
    "planted-bearer-8Cx4",
    "planted-header-3Mb9",
    "planted-typed-6Jd0",
    "planted-query-9Zk3",
    "planted-answer-4Hq8",
    "planted-cookie-7Rt2",
)
REDACTOR = PatternRedactor(key=b"key")


def read(*names: str) -> Beliefs:
    """Return what some of the recorded artefacts say."""
    return read_artefacts(names, REDACTOR, root=str(RECORDED))


def written(root: Path, **files: bytes | str) -> Beliefs:
    """Write files (`__` for a dot) into a directory and return what they say."""
    for name, content in files.items():
        path = root / name.replace("__", ".")
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_artefacts(["."], REDACTOR, root=str(root))


def unpacked(content: bytes) -> dict[str, bytes]:
    """Return the entries of a zip."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(entries: dict[str, bytes]) -> bytes:
    """Return a zip of entries."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return into.getvalue()
