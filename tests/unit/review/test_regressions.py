"""The regression log: written, read back, appended to without touching the rest, and linted."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.errors import InvalidInput
from andon.record import replace
from andon.review.markup import seen
from andon.review.outline import lines_of
from andon.review.regressions import (
    FIELDS,
    RegressionEntry,
    append_entry,
    lint,
    read_entries,
    settle,
    write_entry,
)

ENTRY = RegressionEntry(
    symptom="checkout answers 500 | for <all>",
    root_cause="the price field is missing for old products",
    incorrect_behaviour="a missing price became an error",
    correct_solution="- read the price with a default\n- fill in old rows",
    enforced_path="`shop.pricing.price_of` is the only reader",
    prevention_mechanism="tests/test_pricing.py",
    date="2026-03-01",
    author="ann",
    incident="INC-7",
)

FOREIGN = """# Ours

Intro with REG-99 in words.

## REG-4 - by hand

* **Symptom**: odd
  and more
* **Incorrect behavior**: bad
  - really

```
## REG-77 - in code
```

## Something else
- **Symptom:** not ours
"""


def test_the_first_entry_makes_the_log() -> None:
    document, named = append_entry("", ENTRY)
    assert named.id == "REG-1"
    assert document.startswith(
        "# Regressions\n\n## REG-1 - checkout answers 500 \\| for \\<all\\>\n\n- **Symptom:**"
    )
    (read,) = read_entries(document, "r.md")
    assert read == replace(named, file="r.md", line=3)


def test_foreign_content_stays_and_counts() -> None:
    document, named = append_entry(FOREIGN, ENTRY)
    assert named.id == "REG-5"
    assert document.startswith(FOREIGN + "\n## REG-5")
    by_hand, ours = read_entries(document)
    assert (by_hand.id, by_hand.symptom, by_hand.incorrect_behaviour) == (
        "REG-4",
        "odd\nand more",
        "bad\n- really",
    )
    assert by_hand.root_cause == ""
    assert ours.prevention_mechanism == "tests/test_pricing.py"


def test_the_same_entry_is_added_once() -> None:
    document, named = append_entry(FOREIGN, ENTRY)
    assert append_entry(document, ENTRY) == (document, named)
    assert append_entry(document, replace(ENTRY, incident="INC-8"))[1].id == "REG-6"


def test_line_endings_are_kept() -> None:
    document, _ = append_entry(FOREIGN.replace("\n", "\r\n"), ENTRY)
    assert document.count("\n") == document.count("\r\n")
    assert read_entries(document)[1].correct_solution == ENTRY.correct_solution


def test_an_entry_never_vanishes_in_an_open_block() -> None:
    with pytest.raises(InvalidInput, match="never closed"):
        append_entry("# R\n\n```\n", ENTRY)


VALUES = st.one_of(
    st.text(max_size=40),
    st.lists(
        st.sampled_from(["- a", "1. b", "# c", "```", "===", "---", "**L:** v", "", "  in", "> q", "<!--"])
    ).map("\n".join),
)


@given(st.lists(VALUES, min_size=6, max_size=6), st.sampled_from(["", FOREIGN, "text"]))
@settings(max_examples=300, deadline=None)
def test_values_come_back(values: list[str], document: str) -> None:
    given_fields = dict(zip([field for field, _, _ in FIELDS[:6]], values, strict=True))
    made, named = append_entry(document, replace(ENTRY, **given_fields))
    read = read_entries(made)[-1]
    assert read.id == named.id
    for field, value in given_fields.items():
        assert getattr(read, field) == settle(value), field
    assert append_entry(made, replace(ENTRY, **given_fields)) == (made, named)


@given(st.text(max_size=200))
@settings(deadline=None)
def test_any_document_is_kept(document: str) -> None:
    read_entries(document)
    try:
        made, _ = append_entry(document, ENTRY)
    except InvalidInput:
        return
    assert made.startswith(document) or not document.strip("\ufeff \t\r\n")
    assert write_entry(read_entries(made)[-1]) in seen(
        "".join(line.rstrip("\r\n") + "\n" for line in lines_of(made))
    )


def test_lint_names_what_is_missing() -> None:
    assert lint(ENTRY) == ()
    assert lint(replace(ENTRY, enforced_path="shop.py", prevention_mechanism="mypy")) == ()
    assert [lack.field for lack in lint(replace(ENTRY, date="2026-W01-1"))] == ["date"]
    bad = replace(ENTRY, symptom="", root_cause="TODO", enforced_path="n/a", date="2026-02-30", author=" ")
    assert [(lack.field, lack.why) for lack in lint(bad)] == [
        ("symptom", "nobody has written it"),
        ("root_cause", "it is still a placeholder"),
        ("enforced_path", "say why it does not apply"),
        ("date", "it is no day of the calendar (YYYY-MM-DD)"),
        ("author", "nobody signed it"),
    ]
