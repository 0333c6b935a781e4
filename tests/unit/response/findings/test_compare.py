"""Which findings are new: known again wherever they move, counted when they are equal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.response.change import Change, ChangedFile, Hunk, Kind
from andon.response.findings.compare import new_findings, normalised
from andon.response.findings.finding import Finding, Grade


def of(before: str | None, after: str | None, path: str = "shop/pay.py", old_path: str = "") -> Change:
    """A change of one file, all of whose new lines that were not there count as added."""
    old = before.split("\n") if before is not None else []
    new = after.split("\n") if after is not None else []
    hunks = tuple(Hunk(old_start=0, new_start=n, added=(t,)) for n, t in enumerate(new, 1) if t not in old)
    kind = Kind.RENAMED if old_path else Kind.CHANGED
    file = ChangedFile(path=path, kind=kind, old_path=old_path, before=before, after=after, hunks=hunks)
    return Change(base="a" * 40, head="b" * 40, files=(file,))


def found_in(text: str, path: str = "shop/pay.py", word: str = "eval(") -> list[Finding]:
    """One finding for each line that holds the word."""
    return [
        Finding(tool="ruff", rule="S307", grade=Grade.MEDIUM, path=path, line=n, message="eval is used")
        for n, line in enumerate(text.split("\n"), 1)
        if word in line
    ]


def new_lines(before: str, after: str, old_path: str = "") -> list[int]:
    """The lines of the new findings."""
    change = of(before, after, old_path=old_path)
    return [
        f.line for f in new_findings(found_in(before, old_path or "shop/pay.py"), found_in(after), change)
    ]


OLD = "def total(x):\n    return eval(x)\n"


@pytest.mark.parametrize(
    "after",
    [
        OLD,
        "import os\n\n\n" + OLD,
        "def total(x):\n    if x:\n        return   eval( x )\n",
        "def total(x):\n    return eval(\n        x,\n    )\n".replace(
            "eval(\n        x,\n    )", "eval(x,)"
        ),
        "def total(x):\n    return eval(x)  # noqa: S307\n",
        "def sum_of(x):\n    return eval(x)\n",
        "def before():\n    pass\n\n\n" + OLD + "\n\ndef after():\n    pass\n",
    ],
    ids=["same", "moved down", "reindented", "last comma", "silenced", "function renamed", "between others"],
)
def test_an_old_finding_is_known_again(after: str) -> None:
    assert new_lines(OLD, after) == []


def test_an_old_finding_is_known_again_in_a_renamed_file() -> None:
    assert new_lines(OLD, "import os\n" + OLD, old_path="shop/old.py") == []


@pytest.mark.parametrize(
    ("after", "lines"),
    [
        (OLD + "\n\ndef other(x):\n    return eval(x)\n", [6]),
        ("def total(x):\n    eval(x)\n    return eval(x)\n", [2]),
        ("def total(x):\n    return eval(x + 1)\n", [2]),
        ("def total(x):\n    return x\n\n\ndef other(x):\n    return eval(x)\n", [6]),
    ],
    ids=[
        "in another function",
        "other code beside it",
        "other code in its place",
        "moved to another function",
    ],
)
def test_a_new_finding_is_new(after: str, lines: list[int]) -> None:
    assert new_lines(OLD, after) == lines


def test_a_second_equal_one_is_new_and_the_added_line_is_named() -> None:
    before = "def f(x):\n    eval(x)\n    done()\n"
    after = "def f(x):\n    eval(x)\n    eval(x)\n    done()\n"
    base, head = found_in(before), found_in(after)
    hunk = Hunk(old_start=1, new_start=2, added=("    eval(x)",))
    change = Change(
        base="a",
        head="b",
        files=(
            ChangedFile(path="shop/pay.py", kind=Kind.CHANGED, before=before, after=after, hunks=(hunk,)),
        ),
    )
    assert [f.line for f in new_findings(base, head, change)] == [2]


def test_everything_is_new_where_nothing_was() -> None:
    change = of(None, OLD)
    (finding,) = new_findings((), found_in(OLD), change)
    assert (finding.line, finding.symbol, finding.snippet) == (2, "total", "    return eval(x)")


def test_a_finding_outside_of_any_file_is_told_apart_by_its_message() -> None:
    one = Finding(tool="t", rule="r", grade=Grade.HIGH, message="the image is old")
    other = Finding(tool="t", rule="r", grade=Grade.HIGH, message="the image runs as root")
    change = Change(base="a", head="b")
    assert new_findings((one,), (one, other), change) == (other,)


@given(st.lists(st.integers(0, 3), max_size=12), st.integers(0, 12))
def test_moving_lines_never_makes_a_finding_new_and_adding_one_always_does(
    picked: list[int], place: int
) -> None:
    lines = [f"eval(x{n})" for n in picked]
    before = "\n".join(lines)
    assert new_lines(before, "\n".join(["y = 1", *reversed(lines), "z = 2"])) == []
    at = min(place, len(lines))
    after = "\n".join([*lines[:at], "eval(planted)", *lines[at:]])
    assert new_lines(before, after) == [at + 1]


def test_what_a_formatter_changes_is_not_another_code() -> None:
    assert normalised('run("a", shell=True)') == normalised("run(\n    'a',\n    shell=True,\n)")
    assert normalised("eval(x)  # noqa: S307 - checked") == normalised("eval(x)")
    assert normalised("eval(x)") != normalised("eval(y)")
