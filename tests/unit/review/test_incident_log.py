"""The incident log: lossless reading and writing, and appending that changes nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.errors import InvalidInput
from andon.incident.words import Severity
from andon.record import replace
from andon.review.incident_log import LogEntry, LogSection, append_entry, read_entries, read_log, write_entry
from andon.review.outline import Item, Prose, lines_of, read_blocks, write_blocks

FOUNDING = Path(__file__).resolve().parents[4] / "shared" / "founding" / "incidents-execution-gears.md"

LOG = """# Team

## Incident Log

### P1 HIGH - Mail queue stuck (2026-02-03)

#### Incident Summary
- **Date/Time:** 03:10 UTC,
  a Tuesday
- **Duration:** 2 h

#### Timeline
- **Response:**
  1. Looked at the queue
  2. Restarted it
     - twice

#### Follow-Up Actions
- [x] Alarm on queue length
- [ ] Write a runbook

---

### P2 - No date here

Only prose.

## Appendix

### P0 CRITICAL - how to write one (2026-01-01)
"""

ODD = [
    pytest.param(LOG.replace("\n", "\r\n"), id="crlf"),
    pytest.param(LOG.replace("- ", "* "), id="stars"),
    pytest.param(LOG.replace("- **", "+   **").replace("1. ", "1) "), id="plus-and-parenthesis"),
    pytest.param(LOG.replace("  1. Looked", "\t1. Looked"), id="tabs"),
    pytest.param(LOG.rstrip("\n"), id="no-final-newline"),
    pytest.param("\ufeff" + LOG, id="byte-order-mark"),
    pytest.param(LOG.replace("Only prose.", "```\n### P0 CRITICAL - in code (2026-01-01)\n```"), id="code"),
    pytest.param(LOG.replace("Only prose.", "- a\n  - b\n    - c\n      - [ ] d\n- - e\n-\n  f"), id="deep"),
    pytest.param(
        LOG.replace("Only prose.", "    indented\n\n> quoted\n> - [ ] x\n\n| a |\n|---|\n"), id="rest"
    ),
    pytest.param(
        LOG.replace("- **Duration:** 2 h", "**Duration:** 2 h\n__Who:__ ann\nand bob"), id="bare labels"
    ),
    pytest.param(LOG.replace("#### Timeline\n", "Timeline\n========\n"), id="underlined"),
    pytest.param(LOG.replace("#### Timeline", "#### Timeline ####"), id="closed heading"),
]


def place(document: str, entry: LogEntry) -> str:
    """Return the document from the entry's heading on."""
    return "".join(lines_of(document)[entry.line - 1 :])


def test_the_founding_entry_comes_back_byte_for_byte() -> None:
    if not FOUNDING.exists():
        pytest.skip(f"the founding document is not here: {FOUNDING}")
    text = FOUNDING.read_bytes().decode()
    (entry,) = read_entries(text, "founding.md")
    assert text.encode().endswith(b"\n" + write_entry(entry).encode())
    assert (entry.severity, entry.label, entry.date) == (Severity.P0, "CRITICAL", "2025-12-22")
    assert len(entry.sections) == 8
    assert [len(s.fields) for s in entry.sections] == [5, 4, 3, 0, 0, 3, 5, 5]
    response = next(i for i in entry.sections[1].items if i.label == "Response")
    assert [i.number for i in response.items] == list(range(1, 13))
    assert [done for _, done in entry.sections[4].boxes] == [True, True, False, False, False, False, False]
    assert write_entry(read_entries(write_entry(entry), "x")[0]) == write_entry(entry)


def test_an_entry_is_typed() -> None:
    first, second = read_entries(LOG, "INCIDENTS.md")
    assert (first.title, first.line, first.file) == ("Mail queue stuck", 5, "INCIDENTS.md")
    assert first.field("incident summary", "date/time") == "03:10 UTC, a Tuesday"
    assert first.field("Timeline", "Response") == "Looked at the queue; Restarted it twice"
    assert first.section("Follow-Up Actions").boxes == (
        ("Alarm on queue length", True),
        ("Write a runbook", False),
    )
    assert (second.severity, second.label, second.date, second.sections) == (Severity.P2, "", "", ())
    assert second.incident == first.incident == ""


@pytest.mark.parametrize("document", ODD)
def test_odd_entries_come_back_byte_for_byte(document: str) -> None:
    entries = read_entries(document, "x")
    assert [e.severity for e in entries][:1] == [Severity.P1]
    for entry in entries:
        assert place(document, entry).startswith(write_entry(entry))
    between = document.index(place(document, entries[0]))
    assert document[between:].startswith("".join(write_entry(e) for e in entries))


def test_changing_one_box_changes_one_line() -> None:
    entry = read_entries(LOG, "x")[0]
    follow = entry.sections[2]
    ticked = tuple(replace(b, done=True) if isinstance(b, Item) else b for b in follow.blocks)
    changed = replace(entry, sections=(*entry.sections[:2], replace(follow, blocks=ticked)))
    assert write_entry(changed) == write_entry(entry).replace("- [ ] Write", "- [x] Write")


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("### P0 CRITICAL - T (2026-01-02)", ("P0", "CRITICAL", "T", "2026-01-02")),
        ("### P3: T", ("P3", "", "T", "")),
        ("### SEV-1 CRITICAL - T (2026-01-02)", ("P0", "CRITICAL", "T", "2026-01-02")),
        ("### Sev 2: T", ("P1", "", "T", "")),
        ("### [SEV5] T", ("P4", "", "T", "")),
        ("### SEV0 - T", ("P0", "", "T", "")),
        ("### [P1] high — T, a – b (2026-01-02)", ("P1", "high", "T, a – b", "2026-01-02")),
        ("### p0 T - 2026-01-02", ("P0", "", "T", "2026-01-02")),
        (
            "### P0 CRITICAL - P1 HIGH - (x) (2026-01-02) ###",
            ("P0", "CRITICAL", "P1 HIGH - (x)", "2026-01-02"),
        ),
        ("### P0 CRITICAL - (2026-01-02)", ("P0", "CRITICAL", "", "2026-01-02")),
    ],
)
def test_headings(heading: str, expected: tuple[str, str, str, str]) -> None:
    (entry,) = read_entries(f"## Incident Log\n{heading}\ntext", "x")
    assert (entry.severity.value, entry.label, entry.title, entry.date) == expected
    assert write_entry(entry) == f"{heading}\ntext"


@pytest.mark.parametrize(
    "heading",
    ["### P9 - T", "### SEV-9 - T", "### Several", "### SEV-12 x", "### Summary", "### P0.5 rate", "### "],
)
def test_a_heading_that_is_no_entry_is_named_and_kept(heading: str) -> None:
    document = f"## Incident Log\n### P1 - T\nx\n{heading}\ny\n"
    log = read_log(document, "x")
    assert [e.title for e in log.entries] == ["T"]
    assert [(u.line, u.reason) for u in log.unread] == [(4, "no severity")]


def test_headings_above_the_entries_and_logs_without_entries_are_named() -> None:
    log = read_log("## Incident Log\n### Outage (2026-01-01)\n#### P1 - T\n##### S\n", "x")
    assert [(u.line, u.reason, u.wrong) for u in log.unread] == [(2, "no severity", False)]
    assert [u.line for u in read_log("## Incident Log\n### Outage\n#### S\n", "x").unread] == [2]
    dated = read_log("# Ours\n## P0 - T (2026-01-02)\n## P1 - U\n## Other\n", "x")
    assert [(u.line, u.reason) for u in dated.unread] == [(3, "no date"), (4, "no severity")]


def test_another_spelling_of_the_severity_survives_every_move() -> None:
    (entry,) = read_entries("## Incident Log\n### [Sev 2]: T (2026-01-02) ##\n", "x")
    made = append_entry("# A\n\n### Incident log\n", entry)
    assert "\n#### [Sev 2]: T (2026-01-02)\n" in made
    (again,) = read_entries(made, "x")
    assert again.severity == entry.severity == "P1"
    assert write_entry(replace(entry, title="U")).startswith("### Sev 2 - U (2026-01-02)\n")
    assert write_entry(replace(entry, severity=Severity.P0)).startswith("### P0 - T (2026-01-02)\n")


def test_an_impossible_day_is_an_error_with_its_place() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_entries("## Incident Log\n\n### P1 HIGH - T (2026-02-30)\n", "I.md")
    assert caught.value.where == "I.md:3"
    assert "2026-02-30" in caught.value.message


def test_without_a_log_heading_only_dated_headings_are_entries() -> None:
    assert read_entries("# Severities\n\n## P0 Critical\nAll is down.\n", "x") == ()
    (entry,) = read_entries("# Ours\n\n## P0 CRITICAL - T (2026-01-02)\n\n### What\n- x\n", "x")
    assert (entry.level, entry.sections[0].title) == (2, "What")


def test_a_comment_carries_the_incident() -> None:
    (entry,) = read_entries("## Incident Log\n### P1 - T\n\n<!-- andon:INC-7 -->\n\n#### S\n", "x")
    assert entry.incident == "INC-7"
    (quoted,) = read_entries("## Incident Log\n### P1 - T\n\nsee <!-- andon:INC-8 -->\n", "x")
    assert quoted.incident == ""


def test_a_footer_after_the_last_rule_is_no_part_of_the_entry() -> None:
    document = "## Incident Log\n\n### P1 - T (2026-01-02)\n\n- x\n\n---\n\nWritten by the team.\n"
    (entry,) = read_entries(document, "x")
    assert write_entry(entry) == "### P1 - T (2026-01-02)\n\n- x\n\n---\n\n"


# ---- appending

NEW = LogEntry(
    severity=Severity.P0,
    label="CRITICAL",
    title="New",
    date="2026-05-06",
    intro=(Prose(text="\n<!-- andon:INC-9 -->\n\n"),),
    sections=(LogSection(title="Incident Summary", blocks=(Item(label="Duration", text="1 h"),)),),
)


def test_the_newest_goes_first_and_the_rest_stays() -> None:
    document = append_entry(LOG, NEW)
    assert [e.title for e in read_entries(document, "x")] == ["New", "Mail queue stuck", "No date here"]
    start, end = document.index("### P0 CRITICAL - New"), document.index("### P1 HIGH")
    assert document[:start] + document[end:] == LOG
    assert document[start:end].endswith("\n\n---\n\n")


def test_line_endings_are_kept() -> None:
    document = append_entry(LOG.replace("\n", "\r\n"), NEW)
    assert document.count("\n") == document.count("\r\n")


@pytest.mark.parametrize(
    "document",
    ["", "# Team", "# Team\n\n", "x\n\n## Incident Log", "## Incident Log\n\nNewest first.\n", "\ufeff"],
)
def test_a_missing_log_is_made(document: str) -> None:
    made = append_entry(document, NEW)
    assert made.startswith(document)
    assert made.count("## Incident Log") == 1
    assert [e.title for e in read_entries(made, "x")] == ["New"]
    assert append_entry(made, NEW) == made


def test_what_follows_the_log_stays_behind_it() -> None:
    made = append_entry("## Incident Log\n\nNone yet.\n\n---\n\nFooter.\n\n## After\n", NEW)
    assert made.index("None yet.") < made.index("New") < made.index("Footer.") < made.index("## After")


def test_the_same_incident_is_appended_once() -> None:
    once = append_entry(LOG, NEW)
    assert append_entry(once, replace(NEW, title="New words", date="2026-05-07")) == once
    by_hand = LOG.replace("Mail queue stuck", "Mail \\# queue stuck")
    known = replace(NEW, title="mail # queue  stuck", date="2026-02-03")
    assert append_entry(by_hand, known) == by_hand


def test_two_incidents_of_a_day_may_have_one_title() -> None:
    other = replace(NEW, intro=(Prose(text="\n<!-- andon:INC-10 -->\n\n"),))
    assert len(read_entries(append_entry(append_entry(LOG, NEW), other), "x")) == 4


@pytest.mark.parametrize("opened", ["# T\n\n```\ncode\n", "# T\n\n<!-- draft\n"])
def test_an_entry_never_vanishes_in_an_open_block(opened: str) -> None:
    with pytest.raises(InvalidInput, match="never closed"):
        append_entry(opened, NEW)


def test_a_deeper_log_gets_deeper_entries() -> None:
    made = append_entry("# A\n\n### Incident log\n", NEW)
    (entry,) = read_entries(made, "x")
    assert (entry.level, entry.sections[0].level) == (4, 5)


# ---- properties

LINES = st.sampled_from(
    [
        "",
        "text",
        "- a",
        "* [x] b",
        "  - **L:** v",
        "1. one",
        "   2) two",
        "    code",
        "```",
        "~~~",
        "---",
        "===",
        "> q",
        "## Incident Log",
        "### P0 CRITICAL - T (2026-01-02)",
        "### P1 - x",
        "## Sev 2: y (2026-01-02)",
        "#### SEV-1",
        "#### S",
        "**L:** v",
        "<!--",
        "-->",
        "<!-- andon:INC-1 -->",
        "\t- tab",
        "- - x",
        "-",
        "# H",
        "###### deep",
        "| a | b |",
        "[r]: http://x",
        "<div>",
        "\x0c",
    ]
)
DOCUMENTS = st.one_of(
    st.lists(st.tuples(LINES, st.sampled_from(["\n", "\r\n", "\r", "\n\n"])), max_size=25).map(
        lambda parts: "".join(a + b for a, b in parts)
    ),
    st.text(max_size=200),
)


@given(DOCUMENTS)
@settings(max_examples=300, deadline=None)
def test_any_document_is_read_without_loss(document: str) -> None:
    assert write_blocks(read_blocks(document)) == document
    for entry in read_log(document, "x").entries:
        assert place(document, entry).startswith(write_entry(entry))
        again = read_log("## Incident Log\n" + write_entry(replace(entry, level=3)), "x").entries
        assert [e.title for e in again[:1]] == [entry.title]


@given(DOCUMENTS)
@settings(max_examples=200, deadline=None)
def test_appending_keeps_every_line_and_happens_once(document: str) -> None:
    try:
        made = append_entry(document, NEW)
    except InvalidInput as problem:
        assert "never closed" in problem.message
        return
    assert append_entry(made, NEW) == made
    kept = iter(flat(made))
    assert all(any(line == other for other in kept) for line in flat(document))


def flat(document: str) -> list[str]:
    """Return the lines without their endings and without a byte order mark."""
    return [line.rstrip("\r\n") for line in lines_of(document.removeprefix("\ufeff"))]
