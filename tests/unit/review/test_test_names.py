"""What names a test, and the quick reader of the log beside the real one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.errors import InvalidInput, NotFound
from andon.record import replace
from andon.review.quick_log import quick_entries
from andon.review.regressions import append_entry, lint, read_entries, with_test
from andon.review.test_names import offered, read_name, read_names
from tests.unit.review.test_regressions import ENTRY, FOREIGN


@pytest.mark.parametrize(
    ("text", "path", "name"),
    [
        ("tests/test_x.py::test_a", "tests/test_x.py", "test_a"),
        ("`tests/test_x.py::TestA::test_a[1]`", "tests/test_x.py", "TestA::test_a[1]"),
        ("./a//b.spec.ts::buys an old product", "a/b.spec.ts", "buys an old product"),
        ("tests\\test_x.py::t", "tests/test_x.py", "t"),
        ("test_x.py", "test_x.py", ""),
        ("tests/smoke", "tests/smoke", ""),
    ],
)
def test_a_test_by_its_path(text: str, path: str, name: str) -> None:
    found = read_name(text)
    assert found is not None and (found.path, found.name) == (path, name)
    assert read_name(str(found)) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a test buys it",
        "/etc/passwd::x",
        "../x.py::t",
        "a/../../x.py",
        "C:\\x.py::t",
        "~/x.py",
        "-x/y",
        "word",
    ],
)
def test_what_names_no_test(text: str) -> None:
    assert read_name(text) is None


def test_a_sentence_is_offered_only_when_it_plainly_refers_to_a_test() -> None:
    assert str(offered("see tests/test_x.py::test_a, which buys one")) == "tests/test_x.py::test_a"
    assert offered("tests/test_x.py buys one") is None and offered("std::vector is used") is None
    assert offered("../x.py::test_a") is None


def test_an_entry_that_names_its_test_reads_back_and_needs_no_other_mechanism() -> None:
    named = replace(ENTRY, test="tests/test__x.py::_test_a\ntests/b.py::t", prevention_mechanism="")
    document, _ = append_entry("", named)
    (read,) = read_entries(document)
    assert read.test == named.test and read_names(read.test)[1] is not None
    assert lint(read) == ()
    assert [lack.field for lack in lint(replace(ENTRY, test="by looking at it"))] == ["test"]
    assert [lack.field for lack in lint(replace(ENTRY, prevention_mechanism=""))] == ["prevention_mechanism"]


def test_a_test_is_named_later_and_again() -> None:
    document, _ = append_entry("", ENTRY)
    document, _ = append_entry(document, replace(ENTRY, symptom="another thing broke"))
    once = with_test(document, "REG-1", "a.py::t")
    assert [e.test for e in read_entries(once)] == ["a.py::t", ""]
    twice = with_test(once, "1", "b.py::t")
    assert [e.test for e in read_entries(twice)] == ["b.py::t", ""]
    assert twice.replace("- **Test:** b.py::t\n", "") == document


def test_a_log_by_hand_keeps_its_lines_and_endings() -> None:
    for text in (FOREIGN, FOREIGN.replace("\n", "\r\n"), FOREIGN.rstrip("\n")):
        changed = with_test(text, "REG-4", "a.py::t")
        assert read_entries(changed)[0].test == "a.py::t"
        kept = [line for line in changed.splitlines() if "a.py::t" not in line]
        assert kept == text.splitlines()


def test_what_cannot_be_put_in_is_refused_with_its_place() -> None:
    with pytest.raises(NotFound):
        with_test(FOREIGN, "REG-9", "a.py::t")
    with pytest.raises(InvalidInput, match="without touching") as refused:
        with_test("# R\n\n## REG-1 - only words\n\nIt broke.\n", "REG-1", "a.py::t", "R.md")
    assert refused.value.where == "R.md:3"


# ---- the quick reader

LOGS = (
    FOREIGN,
    "",
    "# R\n\n## REG-1 - x\n\n- **Symptom:** a\n- **Test:** a.py::t\n  b.py::t\n- **Author:** x\n",
    "# R\n\n## REG-1 - x\n\n**Test**: a.py::t\n\n### more\n\n- **Test:** b.py::t\n\n# No\n\n- **Test:** c\n",
    "## REG-1 - x\n- **Test:** a.py::t\nand more\n",
    "## REG-1\n<!-- - **Test:** a.py::t -->\n",
    "## REG-1 - x\n- **Symptom:** y\n  - **Test:** a.py::t\n",
    "REG-1 - x\n---\n- **Test:** a.py::t\n",
    "## REG-1 #\r\n\r\n- **Tests:** a.py::t\r\n- **Test:** b.py::t\r\n",
    "## REG-2 - x\n\n- **Test:**\n  - a.py::t\n  - b.py::t\n",
)


@pytest.mark.parametrize("text", LOGS)
def test_the_quick_reader_reads_as_the_real_one_or_leaves_it_to_it(text: str) -> None:
    quick = quick_entries(text)
    if quick is not None:
        real = read_entries(text)
        assert [(q.id, q.line, q.test) for q in quick] == [(e.id, e.line, e.test) for e in real]


def test_the_quick_reader_reads_what_andon_writes() -> None:
    document, _ = append_entry("", replace(ENTRY, test="tests/test_x.py::test_a\nb.py::t"))
    assert quick_entries(document) is not None


WORDS = st.text(st.sampled_from("ab _*`#-:<\n1.\\>~|+REGTest"), max_size=30)


@given(WORDS, st.sampled_from(("", "a.py::t", "t/_x.py::_y\nb.py::z w")), WORDS)
@settings(max_examples=200, deadline=None)
def test_both_readers_agree_on_whatever_andon_writes(symptom: str, test: str, before: str) -> None:
    try:
        document, _ = append_entry(before, replace(ENTRY, symptom=symptom, test=test))
    except InvalidInput:
        return
    quick = quick_entries(document)
    if quick is not None:
        assert [(q.id, q.line, q.test) for q in quick] == [
            (e.id, e.line, e.test) for e in read_entries(document)
        ]
