"""Searching the repository for flags: which files, what is skipped and said, what is remembered."""

from __future__ import annotations

import json

from andon.config.load import NAME
from andon.flags.hygiene.constants import constants_of, resolved
from andon.flags.hygiene.languages import language_of
from andon.flags.hygiene.scanning import (
    FORMAT,
    LARGEST,
    NOTHING,
    Scanner,
    from_plain,
    is_prose,
    is_test,
    to_plain,
    why_skipped,
)
from andon.flags.hygiene.sdk import CallNames
from andon.incident.digest import digest
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from andon.config.model_production import FlagSystemConfig
    from andon.desk.flags.sources import Source
    from andon.desk.ports_hygiene import FlagSources
    from andon.flags.hygiene.scanning import FileScan


_LARGE = "large or gone"


class FlagScan(Record):
    """What the files of a repository say of flags."""

    #: By path, only those that say something.
    files: dict[str, FileScan]
    #: Files that were searched, and of those the ones whose content was known from before.
    searched: int
    remembered: int
    #: Why others were not, and how many.
    skipped: dict[str, int]
    #: The keys behind constants, for files that ask by a constant of another one.
    constants: dict[str, str] = {}  # noqa: RUF012  # a record's default, never changed

    @property
    def computed(self) -> int:
        """How many calls do not say which flag they ask for."""
        return sum(not one.key for scan in self.files.values() for one in scan.mentions if one.call)

    @property
    def unread(self) -> tuple[str, ...]:
        """The files that mention flags and could not be read by structure."""
        return tuple(path for path, scan in self.files.items() if scan.unread)


def scan_flags(
    sources: FlagSources,
    files: Sequence[Source],
    keys: Collection[str],
    config: FlagSystemConfig,
    tell: Callable[[str], None] | None = None,
) -> FlagScan:
    """Return what `files` say of the flags with these keys; what was read before is not read again."""
    names = CallNames(own=frozenset(config.calls))
    own = (config.file, config.report, NAME)  # what says of a flag that it is there asks nobody for it
    mark = _mark(keys, names)
    known = sources.kept(mark)
    skipped: dict[str, int] = {}
    found: dict[str, FileScan] = {}
    kept: dict[str, str] = {}
    unknown: list[Source] = []
    remembered = 0
    for source in files:
        if source.path in own:
            continue
        if why := why_skipped(source.path, config.unscanned):
            skipped[why] = skipped.get(why, 0) + 1
            continue
        text = known.get(slot := _slot(source)) if source.identity else None
        scan = None if text is None else _remembered(text)
        if text is None or scan is None:
            unknown.append(source)
            continue
        kept[slot] = text
        remembered += 1
        if scan is not NOTHING:
            found[source.path] = scan
    if unknown and tell is not None:
        tell(f"searching {len(unknown)} files")
    if unknown:
        scanner = Scanner(keys, names)
        for source, content in sources.read(unknown, LARGEST):
            if content is None:
                skipped[_LARGE] = skipped.get(_LARGE, 0) + 1
                continue
            scan = scanner.scan(source.path, content)
            if scan is not NOTHING:
                found[source.path] = scan
            if source.identity:
                kept[_slot(source)] = "" if scan is NOTHING else json.dumps(to_plain(scan))
        sources.keep(mark, kept)
    constants = constants_of(found.values())
    files_said = {path: resolved(scan, constants) for path, scan in sorted(found.items())}
    return FlagScan(
        files={path: scan for path, scan in files_said.items() if scan != NOTHING},
        constants=constants,
        searched=remembered + len(unknown) - skipped.get(_LARGE, 0),
        remembered=remembered,
        skipped=skipped,
    )


def _mark(keys: Collection[str], names: CallNames) -> str:
    """Name everything on which it depends, apart from the content, what is found in a file."""
    told = "\0".join((FORMAT, *sorted(keys), "\1", *sorted(names.own)))
    return digest(told.encode("utf-8", "surrogatepass"))[:16]


def _slot(source: Source) -> str:
    """Name a content with the way in which it is read: the same bytes may be Python here and prose there."""
    language = language_of(source.path)
    way = language.name if language is not None else "prose" if is_prose(source.path) else "text"
    way += " test" if is_test(source.path) else ""
    return f"{source.identity} {way}"


def _remembered(text: str) -> FileScan | None:
    """Return what was kept of a content; None for what nobody can read, so that it is searched again."""
    try:
        return from_plain(json.loads(text)) if text else NOTHING
    except (ValueError, TypeError, KeyError):
        return None
