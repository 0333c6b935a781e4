"""Code without a flag, on examples in the nine languages: what is kept, what is left, that it parses.

Each file of `removals` holds cases: `=== name`, the code, `--- on|off|=TEXT|=#NUMBER`, the code afterwards,
and `@left LINE` for each place that a person has to look at.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.flags.hygiene.languages import LANGUAGES
from andon.flags.hygiene.removing import Removed, remove_from
from andon.flags.hygiene.sdk import CallNames
from andon.flags.hygiene.simplifying import NO, SAID, YES
from andon.flags.hygiene.tree import has_errors
from andon.flags.hygiene.uses import read_calls

EXAMPLES = Path(__file__).with_name("removals")
CASES = [
    (file.stem, *case.split("\n", 1))
    for file in sorted(EXAMPLES.glob("*.txt"))
    for case in re.split(r"^=== ", file.read_text(), flags=re.MULTILINE)[1:]
]
NAMES = CallNames()


def remove(language: str, code: str, keep: str) -> Removed:
    value: object = keep[1:] if keep.startswith("=") else keep == "on"
    if keep.startswith("=#"):
        value = int(keep[2:])
    return remove_from(code, LANGUAGES[language], NAMES, "k", value)


@pytest.mark.parametrize(("language", "name", "case"), CASES, ids=lambda text: text.split("\n")[0][:40])
def test_an_example(language: str, name: str, case: str) -> None:
    code, keep, after = re.split(r"^--- (.*)\n", case, maxsplit=1, flags=re.MULTILINE)
    after, *marks = after.split("@left ")
    left = [int(mark) for mark in marks]
    assert not has_errors(code, LANGUAGES[language]), "the example itself is wrong"
    made = remove(language, code, keep)
    assert made.text == after, name
    assert [one.line for one in made.left] == left, made.left
    assert all(one.why for one in made.left)
    assert not has_errors(made.text, LANGUAGES[language])


@pytest.mark.parametrize(("language", "name", "case"), CASES, ids=lambda text: text.split("\n")[0][:40])
def test_doing_it_again_changes_nothing(language: str, name: str, case: str) -> None:
    code, keep, _ = re.split(r"^--- (.*)\n", case, maxsplit=1, flags=re.MULTILINE)
    once = remove(language, code, keep).text
    assert remove(language, once, keep).text == once, name


def test_every_language_has_examples() -> None:
    assert {language for language, _, _ in CASES} == {*LANGUAGES} - {"tsx", "javascript"}


_CONDITIONS = st.recursive(
    st.sampled_from(['flags.boolean("k", False)', "a", "b", "count(a)"]),
    lambda inner: st.one_of(
        inner.map(lambda one: f"not {one}" if " " not in one else f"not ({one})"),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
    ),
    max_leaves=6,
)


@given(condition=_CONDITIONS, on=st.booleans(), a=st.booleans(), b=st.booleans())
def test_what_runs_afterwards_does_what_it_did(condition: str, on: bool, a: bool, b: bool) -> None:
    """Any condition of a flag, two values and a call with an effect: the same calls, the same way taken."""
    code = (
        f"def total():\n    if {condition}:\n        done.append('yes')\n        return 1\n"
        "    else:\n        done.append('no')\n    done.append('after')\n    return 2\n"
    )
    made = remove("python", code, "on" if on else "off")
    assert 'boolean("k"' not in made.text
    assert _run(code, on, a, b) == _run(made.text, on, a, b), made.text


class _Flags:
    def __init__(self, on: bool) -> None:
        self.on = on

    def boolean(self, key: str, default: bool) -> bool:
        return self.on


def _run(code: str, on: bool, a: bool, b: bool) -> tuple[object, list[object]]:
    done: list[object] = []

    def count(value: bool) -> bool:
        done.append(value)
        return value

    space: dict[str, object] = {"flags": _Flags(on), "a": a, "b": b, "count": count, "done": done}
    exec(code, space)  # the test made it
    total = space["total"]
    assert callable(total)
    return total(), done


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("typescript", 'const x = <div>{flags.getBooleanValue("k", false) && <B/>}</div>;\n'),
        ("python", 'if flags.boolean("k", False):\n    x = (\n'),
        ("php", '<?php\nif ($unleash->isEnabled("k")):\n    one();\nelse:\n    two();\nendif;\n'),
    ],
)
def test_what_is_not_read_cleanly_is_left_and_named(language: str, code: str) -> None:
    made = remove(language, code, "on")
    assert made.text == code and len(made.left) == 1 and "by hand" in made.left[0].why


def test_the_labelled_files_stay_whole_without_either_flag() -> None:
    for file in sorted(Path(__file__).with_name("labelled").glob("*.txt")):
        language = LANGUAGES[file.stem]
        for case in re.split(r"^=== .*\n", file.read_text(), flags=re.MULTILINE)[1:]:
            code = re.sub(r"[ \t]*@in\(.*?\)$", "", case, flags=re.MULTILINE)
            for key in "ab":
                made = remove_from(code, language, NAMES, key, True)
                assert not has_errors(made.text, language), code
                assert remove_from(made.text, language, NAMES, key, True).text == made.text, code


def test_no_mark_is_left_in_any_text() -> None:
    for language, _, case in CASES:
        code, keep, _ = re.split(r"^--- (.*)\n", case, maxsplit=1, flags=re.MULTILINE)
        text = remove(language, code, keep).text
        assert not any(mark in text for mark in (YES, NO, SAID))
        assert read_calls(text, LANGUAGES[language], NAMES) is not None
