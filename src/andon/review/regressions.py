"""The regression log: what broke once, how it is done right, and what keeps it from coming back.

A Markdown file with one heading `REG-n` an entry and labelled fields below it. What else stands in the file
is left as it is.
"""

from __future__ import annotations

import re

from andon.errors import InvalidInput, NotFound
from andon.record import Record, replace
from andon.review.incident_log import day_of
from andon.review.lint import complain
from andon.review.markup import escaped, seen, unescaped
from andon.review.outline import (
    ending_of,
    headings,
    is_closed,
    items_of,
    lines_of,
    read_blocks,
    write_blocks,
)
from andon.review.test_names import read_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.review.outline import Block, Heading, Item

_HEADING = re.compile(r"\[?REG-([0-9]{1,9})\]?(?![\w-])[ \t]*[-–—:]*[ \t]*(.*)", re.IGNORECASE | re.DOTALL)

#: Field of the entry, its label, and what it is for.
FIELDS = (
    ("symptom", "Symptom", "what users or monitors saw"),
    ("root_cause", "Root cause", "why it broke"),
    ("incorrect_behaviour", "Incorrect behaviour", "what the system did, and should not have"),
    ("correct_solution", "Correct solution", "what is right instead"),
    ("enforced_path", "Enforced path", "the one way in which it is done from now on"),
    ("prevention_mechanism", "Prevention mechanism", "the test, check or alarm that notices it"),
    ("date", "Date", "the day on which it broke"),
    ("author", "Author", "who wrote the entry"),
)
#: What an entry may have besides: the test that fails when it comes back.
OPTIONAL = (("test", "Test", "the test that fails when it comes back: PATH::NAME, one a line"),)
#: Fields in which the name of a file, a test or a command says enough.
_REFERENCES = ("enforced_path", "prevention_mechanism")
_SPELLINGS = {"incorrect behavior": "incorrect_behaviour", "wrong behaviour": "incorrect_behaviour"}
_FIELD_OF = {
    **{label.casefold(): field for field, label, _ in (*FIELDS, *OPTIONAL)},
    **_SPELLINGS,
    "tests": "test",
    "incident": "incident",
}


class RegressionEntry(Record):
    """One entry of the regression log. Texts are kept line by line, without blank lines and outer blanks."""

    symptom: str
    root_cause: str
    incorrect_behaviour: str
    correct_solution: str
    enforced_path: str
    prevention_mechanism: str
    #: The day, YYYY-MM-DD.
    date: str
    author: str
    #: `PATH::NAME` of the test that fails when it comes back, one a line; "" when it names none.
    test: str = ""
    incident: str = ""
    #: REG-1, REG-2, ...; given by `append_entry` when it is "".
    id: str = ""
    file: str = ""
    #: Line of the heading, from 1.
    line: int = 0


class Lack(Record):
    """A field of an entry that says too little."""

    field: str
    label: str
    #: What belongs into the field.
    question: str
    why: str

    def __str__(self) -> str:
        """One line: the field and why."""
        return f"{self.label}: {self.why} ({self.question})"


def settle(text: str) -> str:
    """Return a value as an entry keeps it: lines without outer blanks, no blank lines."""
    return "\n".join(line for raw in seen(text).split("\n") if (line := " ".join(raw.split())))


def read_entries(markdown: str, file: str = "") -> tuple[RegressionEntry, ...]:
    """Return the entries of a regression log in the order in which they stand. Never fails."""
    heads = headings(markdown)
    lines = lines_of(markdown)
    found = []
    for i, heading in enumerate(heads):
        named = _HEADING.fullmatch(heading.text.strip())
        if named:
            following = next((h for h in heads[i + 1 :] if h.level <= heading.level), None)
            text = "".join(lines[heading.end : following.line if following else len(lines)])
            found.append(_entry(int(named[1]), heading, read_blocks(text), file))
    return tuple(found)


def read_fields(markdown: str) -> dict[str, str]:
    """Return the labelled fields of a text by field name; the first of each counts."""
    return _fields(read_blocks(markdown))


def write_entry(entry: RegressionEntry) -> str:
    """Return the Markdown of an entry that has its id; `read_entries` reads it back."""
    title = escaped(entry.symptom.split("\n")[0][:100])
    lines = [f"## {entry.id} - {title}", ""]
    for field, label, _ in (*FIELDS, *OPTIONAL, ("incident", "Incident", "")):
        value = settle(getattr(entry, field))
        if value or field not in ("test", "incident"):
            first, *rest = value.split("\n")
            lines.append(f"- **{label}:** {escaped(first)}".rstrip())
            lines += [f"  {escaped(line)}" for line in rest]
    return "\n".join(lines) + "\n"


def append_entry(
    document: str, entry: RegressionEntry, file: str = "the regression log"
) -> tuple[str, RegressionEntry]:
    """Return the document with the entry at its end, and the entry with its id.

    The id is one more than the largest of the document. An entry that is there already, word for word, is not
    added again: the document comes back unchanged, with the known id. Everything else in it stays as it is.
    Raises InvalidInput when the entry would end up in a code block or comment that is never closed.
    """
    entries = read_entries(document)
    for known in entries:
        if _same(known, entry):
            return document, replace(entry, id=known.id)
    if not is_closed(document):
        raise InvalidInput(
            "a new entry would vanish in a code block or comment that is never closed",
            where=file,
            rule="regression-log",
            remedy="close the code block (```) or comment (-->) in it, then add the entry again",
        )
    largest = max((int(known.id.partition("-")[2]) for known in entries), default=0)
    named = replace(entry, id=f"REG-{largest + 1}")
    ending = ending_of(document)
    before = document if document.strip("\ufeff \t\r\n") else f"{document.rstrip()}# Regressions{ending}"
    before += "" if before.endswith(("\n", "\r")) else ending
    before += ending if lines_of(before)[-1].strip() else ""
    return before + write_entry(named).replace("\n", ending), named


def lint(entry: RegressionEntry) -> tuple[Lack, ...]:
    """Return the fields that are empty or say too little. Who names a test has said what notices it."""
    found = []
    for field, label, question in FIELDS:
        value = getattr(entry, field)
        if field == "author":
            why = "" if value.strip() else "nobody signed it"
        elif field == "date":
            why = "" if day_of(value.strip()) else "it is no day of the calendar (YYYY-MM-DD)"
        elif field == "prevention_mechanism" and entry.test.strip() and not value.strip():
            why = ""
        else:
            why = complain(value, 1 if field in _REFERENCES else 3)
        if why:
            found.append(Lack(field=field, label=label, question=question, why=why))
    if None in read_names(entry.test):
        (field, label, question), why = OPTIONAL[0], "it is no path in the repository with a name behind ::"
        found.append(Lack(field=field, label=label, question=question, why=why))
    return tuple(found)


def with_test(document: str, wanted: str, test: str, file: str = "the regression log") -> str:
    """Return the document in which the entry `wanted` (REG-n) names `test`; all else stays as it is.

    Raises NotFound without such an entry, InvalidInput where the line cannot be put in safely.
    """
    entry = entry_called(read_entries(document, file), wanted, file)
    lines, ending = lines_of(document), ending_of(document)
    heads = headings(document)
    at = next(n for n, head in enumerate(heads) if head.line + 1 == entry.line)
    following = next((h for h in heads[at + 1 :] if h.level <= heads[at].level), None)
    first, last = heads[at].end, following.line if following else len(lines)
    blocks = read_blocks("".join(lines[first:last]))
    known = [item for item in items_of(blocks) if _FIELD_OF.get(item.label.casefold())]
    made = f"- **Test:** {escaped(test)}{ending}"
    old = next((item for item in known if _FIELD_OF[item.label.casefold()] == "test"), None)
    if not known:
        raise _not_put_in(entry, test)
    after = old or known[-1]
    text, section = write_blocks((after,)), "".join(lines[first:last])
    if section.count(text) != 1:
        raise _not_put_in(entry, test)
    kept = "" if old else text if text.endswith(("\n", "\r")) else text + ending
    body = (
        kept.rstrip("\r\n")
        + (ending if kept else "")
        + made
        + text[len(text.rstrip()) :].removeprefix(ending)
    )
    changed = "".join(lines[:first]) + section.replace(text, body) + "".join(lines[last:])
    read = read_entries(changed, file)
    same = [
        replace(e, test=test if e.line == entry.line else e.test, line=0)
        for e in read_entries(document, file)
    ]
    if [replace(e, line=0) for e in read] != same:
        raise _not_put_in(entry, test)
    return changed


def entry_called(entries: tuple[RegressionEntry, ...], wanted: str, file: str) -> RegressionEntry:
    """Return the entry with an id (REG-3 or 3); raises NotFound."""
    name = wanted.strip().upper().removeprefix("REG-")
    found = next((entry for entry in entries if entry.id == f"REG-{name}"), None)
    if found is None:
        raise NotFound(f"there is no entry {wanted[:40]!r}", where=file, remedy="andon regressions list")
    return found


def _not_put_in(entry: RegressionEntry, test: str) -> InvalidInput:
    return InvalidInput(
        f"the test cannot be put into {entry.id} without touching something else",
        where=f"{entry.file}:{entry.line}",
        rule="regression-log",
        remedy=f"write it below the heading yourself: - **Test:** {test}",
    )


def _entry(number: int, heading: Heading, blocks: tuple[Block, ...], file: str) -> RegressionEntry:
    values = {field: "" for field, _, _ in FIELDS} | _fields(blocks)
    return RegressionEntry(**values, id=f"REG-{number}", file=file, line=heading.line + 1)


def _fields(blocks: tuple[Block, ...]) -> dict[str, str]:
    values: dict[str, str] = {}
    for item in items_of(blocks):
        field = _FIELD_OF.get(item.label.casefold())
        if field:
            values.setdefault(field, _value(item))
    return values


def _value(item: Item) -> str:
    text = settle(f"{item.text}\n{write_blocks(item.blocks)}")
    return "\n".join(unescaped(line) for line in text.split("\n"))


def _same(known: RegressionEntry, entry: RegressionEntry) -> bool:
    fields = [field for field, _, _ in FIELDS]
    return (
        known.incident == entry.incident
        and all(settle(getattr(known, field)) == settle(getattr(entry, field)) for field in fields)
        and (not entry.test.strip() or settle(known.test) == settle(entry.test))
    )
