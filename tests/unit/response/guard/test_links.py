"""Which hunks do not belong to a fix: small changes, written for these tests."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.record import replace
from andon.response.change import Change, ChangedFile, Hunk, Kind
from andon.response.gates.results import Objection
from andon.response.guard.context import CulpritLines, IncidentContext
from andon.response.guard.links import MOST_PIECES, compare, separate, unconnected
from andon.response.guard.reading import read_change
from andon.response.guard.weights import MAYBE_TWO_THINGS
from tests.unit.response.guard.changes import change_of

NOTHING = IncidentContext()

FILLER = "\n".join(f"    step_{n} = load_{n}()" for n in range(40))

CART = f'''"""Carts."""

import decimal


class Cart:
    def total(self, lines, discount):
        amount = decimal.Decimal(0)
        for line in lines:
            amount += line.price * line.quantity
        return amount - discount.value

    def close(self):
        self.open = False


def warm_caches():
{FILLER}
    return step_1


def write_report(directory, rows):
    target = directory / "report.csv"
    with target.open("w") as stream:
        for row in rows:
            stream.write(";".join(row))
    return target


def mail_report(server, target):
    server.send(target)
'''

FIXED = CART.replace(
    "        return amount - discount.value\n",
    "        if discount is None:\n            return amount\n        return amount - discount.value\n",
)
#: The same file with somebody's report made over, far away from the fix.
TIDIED = FIXED.replace(
    """    target = directory / "report.csv"
    with target.open("w") as stream:
        for row in rows:
            stream.write(";".join(row))
    return target
""",
    """    path = report_path(directory)
    handle = open(path, "w", encoding="utf-8", newline="")
    with contextlib.closing(handle) as opened:
        writer = csv.writer(opened, delimiter=";", quoting=csv.QUOTE_MINIMAL)
        writer.writerow(HEADINGS)
        writer.writerows(sorted(rows))
    logger.info("wrote %s rows to %s", len(rows), path)
    return path


def report_path(directory):
    return directory.joinpath("report.csv")
""",
)


def apart(change: Change, context: IncidentContext) -> tuple[Objection, ...]:
    """Return what seems to be a second thing at the bar at which the guard begins to warn."""
    return separate(compare(read_change(change), context), above=MAYBE_TWO_THINGS)


def lines_with(text: str, words: str) -> int:
    """Return the number of the first line that holds some words."""
    return next(n for n, line in enumerate(text.splitlines(), start=1) if words in line)


def test_a_fix_of_one_function_passes() -> None:
    assert unconnected(change_of({"shop/cart.py": (CART, FIXED)}), NOTHING) == ()


def test_what_shares_nothing_with_the_fix_is_named_with_its_lines() -> None:
    context = IncidentContext(files=("/srv/app/shop/cart.py",), symbols=("Cart.total",))

    objections = apart(change_of({"shop/cart.py": (CART, TIDIED)}), context)

    where = lines_with(TIDIED, "= report_path(directory)")
    assert {o.rule for o in objections} == {"connected"}
    assert (objections[0].path, objections[0].line) == ("shop/cart.py", where)
    assert objections[0].end_line == lines_with(TIDIED, "directory.joinpath")
    assert "share no name" in objections[0].text
    assert lines_with(TIDIED, "if discount is None") not in {o.line for o in objections}


def test_the_fix_is_where_the_incident_was_even_when_it_is_the_other_side() -> None:
    context = IncidentContext(
        files=("shop/cart.py",), symbols=("write_report",), words=("report target rows",)
    )

    objections = apart(change_of({"shop/cart.py": (CART, TIDIED)}), context)

    assert [(o.line, o.end_line) for o in objections] == [(11, 12)]
    assert lines_with(TIDIED, "if discount is None") == 11


@pytest.mark.parametrize(
    "context",
    [
        IncidentContext(symbols=("total",)),
        IncidentContext(words=("test_total_without_discount", "amount of a line without discount")),
        IncidentContext(culprit_lines=(CulpritLines(path="shop/cart.py", line=9, end_line=12),)),
    ],
)
def test_any_hint_tells_the_fix_from_the_rest(context: IncidentContext) -> None:
    objections = apart(change_of({"shop/cart.py": (CART, TIDIED)}), context)

    assert lines_with(TIDIED, "= report_path(directory)") in {o.line for o in objections}
    assert lines_with(TIDIED, "if discount is None") not in {o.line for o in objections}


def test_a_fix_with_its_test_and_its_line_in_the_changelog_passes() -> None:
    test = "from shop.cart import Cart\n\n\ndef test_total():\n    assert Cart().total([], ZERO) == 0\n"
    tested = test + "\n\ndef test_total_without_discount():\n    assert Cart().total([], None) == 0\n"
    log = "# Changes\n\n- Carts can be closed\n"
    files = {
        "shop/cart.py": (CART, FIXED),
        "tests/test_cart.py": (test, tested),
        "CHANGELOG.md": (log, log + "- A total without discount is no error\n"),
    }

    assert unconnected(change_of(files), NOTHING) == ()


def test_a_name_that_is_made_in_one_file_and_used_in_another_holds_them_together() -> None:
    limits = "RETRY = 3\nTIMEOUT = 5\n"
    client = (
        "from app import limits\n\n\ndef fetch(url):\n    for _ in range(limits.RETRY):\n        get(url)\n"
    )
    files = {
        "app/limits.py": (limits, limits + "RETRY_PAUSE = 0.5\n"),
        "app/client.py": (client, client + "        pause(limits.RETRY_PAUSE)\n"),
    }

    assert unconnected(change_of(files), NOTHING) == ()


def test_another_file_that_shares_nothing_is_named() -> None:
    other = "def paint(canvas):\n    canvas.fill(GREEN)\n    canvas.line(0, 0, 10, 10)\n    return canvas\n"
    painted = (
        "def paint(surface, palette=DEFAULT_PALETTE):\n    surface.fill(palette.background)\n"
        "    for stroke in palette.strokes:\n        surface.line(*stroke)\n    surface.flush()\n"
        "    return surface\n\n\ndef erase(surface):\n    surface.fill(WHITE)\n    surface.flush()\n"
    )
    files = {"shop/cart.py": (CART, FIXED), "theme/canvas.py": (other, painted)}

    objections = unconnected(change_of(files), IncidentContext(symbols=("total",)))

    assert {o.path for o in objections} == {"theme/canvas.py"}


@pytest.mark.parametrize(
    "path", ["cart.go", "cart.rb", "cart.js", "cart.rs", "Cart.java", "cart.php", "cart"]
)
def test_a_text_in_the_wrong_language_raises_nothing(path: str) -> None:
    unconnected(change_of({path: (CART, TIDIED)}), NOTHING)


def test_a_vendor_commit_is_too_large_to_judge_and_answers_at_once() -> None:
    hunk = Hunk(old_start=0, new_start=1, added=tuple(f"line {n}" for n in range(100)))
    files = tuple(
        ChangedFile(path=f"vendor/{n}.py", kind=Kind.ADDED, hunks=(hunk,), after="x") for n in range(10_000)
    )
    began = time.process_time()

    objections = unconnected(Change(base="a", head="b", files=files), NOTHING)

    assert [o.rule for o in objections] == ["minimal"]
    assert "too large to judge" in objections[0].text
    assert time.process_time() - began < 0.5


def test_as_many_hunks_as_are_compared_take_no_longer_than_a_person_waits() -> None:
    before = "\n".join(f"def f{n}(a, b):\n    x{n} = a + b\n    return x{n}\n" for n in range(MOST_PIECES))
    after = before.replace(" + ", " - ")
    began = time.process_time()

    unconnected(change_of({"a.py": (before, after)}), NOTHING)

    assert time.process_time() - began < 3


NAMES = st.sampled_from(
    ["total", "price", "if", "#", '"""', "def f(", "class", "self.x = 1", "\t", "é", "\\x00", "{"]
)
TEXTS = st.one_of(
    st.none(),
    st.text(max_size=200),
    st.lists(st.lists(NAMES, max_size=5).map(" ".join), max_size=20).map("\n".join),
)
PATHS = st.sampled_from(
    ["a.py", "b/c.js", "test_a.py", "README.md", "x", "d.go", "e.rb", "no ending", "f.zzz"]
)
CONTEXTS = st.builds(
    IncidentContext,
    files=st.tuples(st.text(max_size=10)),
    symbols=st.tuples(NAMES),
    words=st.tuples(st.text(max_size=30)),
    culprit_files=st.tuples(PATHS),
    culprit_lines=st.tuples(
        st.builds(CulpritLines, path=PATHS, line=st.integers(0, 9), end_line=st.integers(0, 9))
    ),
)


@settings(max_examples=60, deadline=None)
@given(files=st.dictionaries(PATHS, st.tuples(TEXTS, TEXTS), max_size=5), context=CONTEXTS)
def test_nothing_is_raised_and_the_order_of_files_does_not_matter(
    files: dict[str, tuple[str | None, str | None]], context: IncidentContext
) -> None:
    made = change_of(files)

    objections = unconnected(made, context)

    assert unconnected(replace(made, files=made.files[::-1]), context) == objections


@settings(max_examples=50, deadline=None)
@given(
    hunks=st.lists(
        st.builds(
            Hunk,
            old_start=st.integers(0, 30),
            new_start=st.integers(0, 30),
            removed=st.lists(st.text(max_size=20), max_size=3).map(tuple),
            added=st.lists(st.text(max_size=20), max_size=3).map(tuple),
        ),
        max_size=6,
    ),
    text=TEXTS,
)
def test_hunks_that_do_not_fit_the_text_raise_nothing(hunks: list[Hunk], text: str | None) -> None:
    file = ChangedFile(path="a.py", kind=Kind.CHANGED, hunks=tuple(hunks), before=text, after=text)

    unconnected(Change(base="a", head="b", files=(file,)), NOTHING)
