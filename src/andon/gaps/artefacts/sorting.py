"""What a file is, by its content, and what the reader for it makes of it. Pure."""

from __future__ import annotations

import hashlib

from andon.gaps.artefacts import loose
from andon.gaps.artefacts.archive import Archive, Broken, Room
from andon.gaps.artefacts.blob import EVENTS, read_blob
from andon.gaps.artefacts.found import Piece
from andon.gaps.artefacts.har import read_har
from andon.gaps.artefacts.html_report import MARK, read_html_report
from andon.gaps.artefacts.junit import read_junit
from andon.gaps.artefacts.kept_out import Credentials
from andon.gaps.artefacts.playwright_json import is_json_report, read_json_report
from andon.gaps.artefacts.trace import is_trace, read_trace
from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: Archives within archives that are opened: an artefact of a CI system, a blob report, a trace.
DEPTH = 3
#: Bytes by which a file is told.
HEAD = 4096
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_BLOB = b"onBlobReportMetadata"


def may_be_an_artefact(head: bytes) -> bool:
    """True when the first bytes of a file are those of an archive, of JSON, or of XML or HTML."""
    return head.startswith(_ZIP) or head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"<")


class Sorting:
    """One reading of many files, within bounds that all of them share; the same trace counts once."""

    def __init__(self, secrets: Credentials | None = None, room: Room | None = None) -> None:
        self.secrets = secrets or Credentials()
        self.room = room or Room()
        self._seen: set[bytes] = set()

    def pieces(self, content: bytes, source: str, depth: int = 0) -> Iterator[Piece]:
        """Yield what a file says: nothing for one that is no artefact, a problem for one that is broken."""
        digest = hashlib.sha256(content).digest()
        if digest in self._seen:
            return
        self._seen.add(digest)
        try:
            if content.startswith(_ZIP):
                yield from self._archive(content, source, depth)
            elif (piece := self._document(content, source)) is not None:
                yield replace(piece, source=source)
        except Broken as problem:
            yield Piece(sort="nothing that could be read", problems=(str(problem),), source=source)

    def _document(self, content: bytes, source: str) -> Piece | None:
        begins = content[:HEAD].lstrip(b"\xef\xbb\xbf \t\r\n")
        if begins.startswith(b"{"):
            if _BLOB in begins:
                return read_blob(content, self.secrets)
            document = loose.parsed(content)
            if is_json_report(document):
                return read_json_report(document, self.secrets)
            if loose.items(document, "log", "entries"):
                return read_har(document, source.rpartition("/")[2], self.secrets)
            is_cut = document is None and (b'"suites"' in content or b'"entries"' in content)
            if is_cut and begins.startswith((b'{\n  "config"', b'{"config"', b'{"log"', b'{\n  "log"')):
                raise Broken("it begins as a report and is no whole JSON")
            return None
        if MARK in content:
            return read_html_report(content, self.room, self.secrets)
        is_xml = begins.startswith((b"<?xml", b"<testsuite", b"<!DOCTYPE testsuite"))
        return read_junit(content) if is_xml and b"<testsuite" in content else None

    def _archive(self, content: bytes, source: str, depth: int) -> Iterator[Piece]:
        archive = Archive(content, self.room)
        if is_trace(archive.names):
            piece = read_trace(archive, self.secrets)
            yield replace(piece, source=source)
            return
        if EVENTS in archive.names_set:
            yield replace(read_blob(archive.read(EVENTS), self.secrets), source=source)
        if depth >= DEPTH:
            yield Piece(sort="an archive", problems=("archives are nested too deep",), source=source)
            return
        for name in sorted(archive.names):
            if name == EVENTS:
                continue
            try:
                inner = archive.read(name)
            except Broken as problem:
                yield Piece(sort="an archive", problems=(str(problem),), source=source)
                if self.room.left <= 0:
                    return
                continue
            if may_be_an_artefact(inner[:HEAD]):
                yield from self.pieces(inner, f"{source}!{name[-200:]}", depth + 1)
