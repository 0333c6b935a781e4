"""A team's incident log in Markdown: read into typed entries, written back byte for byte, appended to.

The format is that of the founding document: a heading `P0 CRITICAL - title (YYYY-MM-DD)` for each incident,
below it one heading a section, with labelled fields, lists and checkboxes. `SEV-1` is the worst, as P0 is.
"""

from __future__ import annotations

import re
from datetime import date

from andon.errors import InvalidInput
from andon.incident.words import Severity
from andon.record import Record, replace
from andon.review.markup import one_line, unescaped
from andon.review.outline import (
    Heading,
    Item,
    Prose,
    ending_of,
    headings,
    items_of,
    lines_of,
    read_blocks,
    rules,
    write_blocks,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.review.outline import Block

_LOG = re.compile(r"incidents?\W+(?:log|history)s?\W*", re.IGNORECASE)
_ENTRY = re.compile(
    r"\[?(P[0-4]|SEV[ -]?[0-5])\]?(?![\w.])(?:[ \t:-]+(CRITICAL|HIGH|MEDIUM|LOW|INFORMATIONAL|INFO)\b)?"
    r"[ \t]*[-–—:]*[ \t]*(.*)",
    re.IGNORECASE | re.DOTALL,
)
_DAY = r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
_DATE = re.compile(rf"(.*?)[ \t]*(?:\({_DAY}\)|[-–—,][ \t]*{_DAY})", re.DOTALL)
_COMMENT = re.compile(r"^[ ]{0,3}<!--[ \t]*andon:([A-Za-z][A-Za-z0-9-]{0,40})[ \t]*-->[ \t]*$", re.MULTILINE)


class LogSection(Record):
    """One section of an entry: labelled fields, lists, checkboxes, and the prose between them."""

    title: str
    blocks: tuple[Block, ...] = ()
    level: int = 4
    source: str = ""

    @property
    def items(self) -> tuple[Item, ...]:
        """The outermost list items."""
        return items_of(self.blocks)

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """(label, value) of the labelled items; a list below a label is joined with semicolons."""
        return tuple((item.label, value_of(item)) for item in self.items if item.label)

    @property
    def boxes(self) -> tuple[tuple[str, bool], ...]:
        """(text, ticked) of the checkboxes."""
        return tuple((item.words, item.done) for item in self.items if item.done is not None)


class LogEntry(Record):
    """One incident of the log."""

    severity: Severity
    #: As written, in Markdown.
    title: str
    #: The day as written, YYYY-MM-DD; "" when the heading has none.
    date: str = ""
    #: The word behind the severity, as written: CRITICAL, HIGH, ... or "".
    label: str = ""
    #: What stands between the heading and the first section.
    intro: tuple[Block, ...] = ()
    sections: tuple[LogSection, ...] = ()
    #: Blank lines and the rule that separates it from the next entry.
    tail: str = "\n---\n"
    level: int = 3
    source: str = ""
    file: str = ""
    #: Line of the heading, from 1.
    line: int = 0

    @property
    def incident(self) -> str:
        """The incident's id from the hidden comment below the heading; "" when it has none."""
        prose = "".join(b.text for b in self.intro if isinstance(b, Prose))
        found = _COMMENT.search(prose.replace("\r\n", "\n"))
        return found[1] if found else ""

    def section(self, title: str) -> LogSection | None:
        """Return the section called `title`, in any case."""
        return next((s for s in self.sections if s.title.casefold() == title.casefold()), None)

    def field(self, section: str, label: str) -> str:
        """Return the value of a labelled field, "" when the entry has none."""
        found = self.section(section)
        pairs = found.fields if found else ()
        return next((value for name, value in pairs if name.casefold() == label.casefold()), "")


class Unread(Record):
    """A heading of the log that is no entry, with the reason."""

    line: int
    text: str
    reason: str
    #: It is meant as an entry and says something impossible.
    wrong: bool = False


class IncidentLog(Record):
    """What a log holds."""

    entries: tuple[LogEntry, ...]
    unread: tuple[Unread, ...]


def value_of(item: Item) -> str:
    """Return the text of an item with its continuation lines and, after them, the items of its lists."""
    below = "; ".join(value_of(child) for child in item.items)
    return f"{item.words} {below}".strip() if below else item.words


def read_entries(markdown: str, file: str) -> tuple[LogEntry, ...]:
    """Return the entries of a log in the order in which they stand.

    Raises InvalidInput, with file and line, for a date that is no day of the calendar.
    """
    log = read_log(markdown, file)
    for bad in log.unread:
        if bad.wrong:
            raise InvalidInput(
                f"{bad.text!r}: {bad.reason}",
                where=f"{file}:{bad.line}",
                rule="incident-log",
                remedy="write the heading as: ### P0 CRITICAL - title (YYYY-MM-DD)",
            )
    return log.entries


def read_log(markdown: str, file: str) -> IncidentLog:
    """Return the entries of a log and the headings beside them that are none. Never fails.

    Entries stand under an `Incident Log` heading. A document without one may be nothing but entries; there a
    heading needs a severity and a date, for other documents speak of severities too.
    """
    entries: list[LogEntry] = []
    unread: list[Unread] = []
    heads = headings(markdown)
    lines = lines_of(markdown)
    for scope, end, strict in _scopes(heads, len(lines)):
        readable = [h for h in scope if _read_heading(h, strict) is not None]
        level = _level_of_entries(scope, readable, strict)
        for heading in scope:
            if heading.level == level and heading in readable and not _impossible(heading, strict):
                entries.append(_read_entry(heading, scope, lines, end, file, strict))
            elif heading.level == level or (heading.level < level and not strict):
                unread.append(_unread(heading, strict))
    return IncidentLog(entries=tuple(entries), unread=tuple(unread))


def write_entry(entry: LogEntry) -> str:
    """Return the Markdown of an entry; what was read and not changed comes back byte for byte."""
    sections = "".join(_write_section(section) for section in entry.sections)
    return _write_heading(entry) + write_blocks(entry.intro) + sections + entry.tail


def _write_heading(entry: LogEntry) -> str:
    """Return the heading as it was read; a changed one keeps the spelling of an unchanged severity."""
    read = headings(entry.source)
    was = _read_heading(read[0], False) if read else None
    same = was == (entry.severity, entry.label, entry.title, entry.date)
    if same and read[0].level == entry.level:
        return entry.source
    if same:
        words = " ".join(read[0].text.split())
    else:
        found = _ENTRY.fullmatch(read[0].text.strip()) if was and was[0] is entry.severity else None
        code = found[1] if found else entry.severity.value
        day = f" ({entry.date})" if entry.date else ""
        words = f"{' '.join(w for w in (code, entry.label) if w)} - {entry.title}{day}"
    return f"{'#' * entry.level} {words}{ending_of(entry.source or chr(10))}"


def append_entry(document: str, entry: LogEntry, file: str = "INCIDENTS.md") -> str:
    """Return `document` with `entry` as the newest of its log, unchanged when the log has the incident.

    The log's heading is made at the end when it is missing. Everything else stays as it is, line endings
    included. Raises InvalidInput when the entry would end up in a code block or comment that is never closed.
    """
    if any(same_incident(known, entry) for known in read_log(document, file).entries):
        return document
    ending = ending_of(document)
    heads = headings(document)
    log = next((h for h in heads if _is_log(h)), None)
    lines = lines_of(document)
    at = _place_for_newest(heads, log, document, len(lines))
    level = max(3, log.level + 1) if log else 3
    text = write_entry(_at_level(entry, level)).rstrip("\r\n")
    before, after = "".join(lines[:at]), "".join(lines[at:])
    made = "" if log else "## Incident Log\n\n"
    new = "".join(line.rstrip("\r\n") + ending for line in lines_of(f"{made}{text}\n"))
    result = before + _gap(before, ending) + new + (ending if after.strip() else "") + after
    if not any(same_incident(known, entry) for known in read_log(result, file).entries):
        raise InvalidInput(
            "a new entry would vanish in a code block or comment that is never closed",
            where=f"{file}:{at + 1}",
            rule="incident-log",
            remedy="close the code block (```) or comment (-->) above that line, then export again",
        )
    return result


def same_incident(known: LogEntry, entry: LogEntry) -> bool:
    """True when both are one incident: by the hidden ids, or by title and day where one has no id."""
    if known.incident and entry.incident:
        return known.incident == entry.incident
    names = [one_line(unescaped(e.title)).casefold() for e in (known, entry)]
    return names[0] == names[1] and known.date == entry.date


def _scopes(heads: tuple[Heading, ...], last: int) -> list[tuple[list[Heading], int, bool]]:
    """Return (headings, end line, whether a date is needed) of each log in the document."""
    scopes = []
    for i, log in enumerate(heads):
        if _is_log(log):
            rest = heads[i + 1 :]
            over = next((n for n, h in enumerate(rest) if h.level <= log.level), len(rest))
            scopes.append((list(rest[:over]), rest[over].line if over < len(rest) else last, False))
    return scopes or [(list(heads), last, True)]


def _level_of_entries(scope: list[Heading], readable: list[Heading], strict: bool) -> int:
    """Return the level entries have; in a log that has none yet, the level they would have."""
    return min((h.level for h in readable or ([] if strict else scope)), default=0)


def _unread(heading: Heading, strict: bool) -> Unread:
    problem = _impossible(heading, strict)
    reason = problem or ("no date" if _read_heading(heading, False) else "no severity")
    return Unread(line=heading.line + 1, text=heading.text, reason=reason, wrong=bool(problem))


def _is_log(heading: Heading) -> bool:
    return _LOG.fullmatch(heading.text.strip(" *_")) is not None


def _read_heading(heading: Heading, strict: bool) -> tuple[Severity, str, str, str] | None:
    """Return severity, label, title and date; None when it is no entry (`strict`: without a date)."""
    found = _ENTRY.fullmatch(heading.text.strip())
    if not found:
        return None
    dated = _DATE.fullmatch(found[3].strip())
    title, day = (dated[1], dated[2] or dated[3]) if dated else (found[3].strip(), "")
    if strict and not day:
        return None
    return _severity(found[1]), found[2] or "", title, day


def _severity(code: str) -> Severity:
    """Return what `P1` or `SEV-2` means: both are the second worst; a SEV-0 is as bad as a SEV-1."""
    number = int(code[-1])
    return Severity(f"P{number if code[0] in 'pP' else max(number - 1, 0)}")


def _impossible(heading: Heading, strict: bool) -> str:
    read = _read_heading(heading, strict)
    if read is None or not read[3]:
        return ""
    return "" if day_of(read[3]) else f"{read[3]} is no day of the calendar"


def day_of(text: str) -> date | None:
    """Return the day that YYYY-MM-DD names; None when there is no such day."""
    try:
        return date.fromisoformat(text) if re.fullmatch(_DAY, text) else None
    except ValueError:
        return None


def _read_entry(
    heading: Heading, scope: list[Heading], lines: list[str], last: int, file: str, strict: bool
) -> LogEntry:
    later = [h for h in scope if h.line > heading.line]
    following = next((h for h in later if h.level <= heading.level), None)
    end = following.line if following else last
    parts = [h for h in later if h.line < end]
    if following is None:
        end = _without_footer(lines, (parts[-1] if parts else heading).end, end)
    tail = _tail(lines, (parts[-1] if parts else heading).end, end)
    bounds = [*(h.line for h in parts), tail]
    read = _read_heading(heading, strict)
    severity, label, title, day = read or (Severity.P0, "", heading.text, "")
    return LogEntry(
        severity=severity,
        label=label,
        title=title,
        date=day,
        intro=read_blocks("".join(lines[heading.end : bounds[0]])),
        sections=tuple(
            LogSection(
                title=h.text,
                blocks=read_blocks("".join(lines[h.end : stop])),
                level=h.level,
                source="".join(lines[h.line : h.end]),
            )
            for h, stop in zip(parts, bounds[1:], strict=True)
        ),
        tail="".join(lines[tail:end]),
        level=heading.level,
        source="".join(lines[heading.line : heading.end]),
        file=file,
        line=heading.line + 1,
    )


def _without_footer(lines: list[str], start: int, end: int) -> int:
    """Return where the last entry ends: after the last rule of its last section, when prose follows it."""
    drawn = rules("".join(lines[start:end]))
    if not drawn:
        return end
    after = start + drawn[-1] + 1
    while after < end and not lines[after].strip():
        after += 1
    return after


def _tail(lines: list[str], start: int, end: int) -> int:
    """Return the line from which on an entry has nothing but blank lines and one rule."""
    at = end
    while at > start and not lines[at - 1].strip():
        at -= 1
    if at > start and at - start - 1 in rules("".join(lines[start:at])):
        at -= 1
        while at > start and not lines[at - 1].strip():
            at -= 1
    return at


def _write_section(section: LogSection) -> str:
    head = section.source
    known = headings(head) if head else ()
    if not known or (known[0].text, known[0].level) != (section.title, section.level):
        head = f"{'#' * section.level} {section.title}{ending_of(section.source or chr(10))}"
    return head + write_blocks(section.blocks)


def _at_level(entry: LogEntry, level: int) -> LogEntry:
    if entry.level == level:
        return entry
    deeper = level - entry.level
    sections = tuple(replace(s, level=min(6, s.level + deeper)) for s in entry.sections)
    return replace(entry, level=min(6, level), sections=sections)


def _place_for_newest(heads: tuple[Heading, ...], log: Heading | None, document: str, last: int) -> int:
    """Return the line before which the newest entry goes."""
    if log is None:
        return last
    following = next((h for h in heads if h.line > log.line), None)
    end = following.line if following else last
    if following is None or following.level <= log.level:
        drawn = next((n for n in rules(document) if log.end <= n < end), None)
        return end if drawn is None else drawn
    return end


def _gap(before: str, ending: str) -> str:
    """Return what puts a blank line between `before` and what follows."""
    if not before.strip("\ufeff"):
        return ""
    if not before.endswith(("\n", "\r")):
        return ending * 2
    last = lines_of(before)[-1]
    return "" if not last.strip() else ending
