"""One flag inside another's branch, on a labelled set of our own in the nine languages: precision and recall.

Each file of `labelled` holds cases under `=== name`; a line that ends with `@in(a)` asks for a flag, or tests
a variable that holds one, inside a branch of the flag `a`. Cases without such a line are the negatives.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from andon.flags.hygiene.languages import LANGUAGES
from andon.flags.hygiene.nesting import nested_flags
from andon.flags.hygiene.sdk import CallNames
from andon.flags.hygiene.tree import has_errors
from andon.flags.hygiene.uses import read_calls

LABELLED = Path(__file__).with_name("labelled")
_MARK = re.compile(r"[ \t]*@in\((.*?)\)$", re.MULTILINE)
CASES = [
    (file.stem, *case.split("\n", 1))
    for file in sorted(LABELLED.glob("*.txt"))
    for case in re.split(r"^=== ", file.read_text(), flags=re.MULTILINE)[1:]
]


def expected(marked: str) -> set[tuple[str, int]]:
    lines = marked.split("\n")
    return {(found[1], at) for at, line in enumerate(lines, start=1) if (found := _MARK.search(line))}


def found(language: str, code: str) -> set[tuple[str, int]]:
    reading = read_calls(code, LANGUAGES[language], CallNames())
    assert reading is not None
    return {(one.outer, one.line) for one in nested_flags(reading)}


@pytest.mark.parametrize(("language", "name", "marked"), CASES, ids=lambda text: text.split("\n")[0][:40])
def test_a_labelled_case(language: str, name: str, marked: str) -> None:
    code = _MARK.sub("", marked)
    assert not has_errors(code, LANGUAGES[language]), "the case itself is wrong"
    assert found(language, code) == expected(marked), name


def test_the_set_is_large_and_has_both_kinds_in_every_language() -> None:
    languages = {language for language, _, _ in CASES}
    assert languages == {*LANGUAGES} - {"tsx"}
    for language in languages:
        own = [marked for of, _, marked in CASES if of == language]
        inside = sum(bool(expected(marked)) for marked in own)
        assert inside >= 10 and len(own) - inside >= 4, language


def test_what_cannot_be_read_is_not_clean() -> None:
    assert read_calls("x = 1\0", LANGUAGES["python"], CallNames()) is None
    assert read_calls("x = 1\n" * 200_000, LANGUAGES["python"], CallNames()) is None


@pytest.mark.parametrize(
    "code",
    [
        "if {deep}flags.boolean('a', False){peed}:\n    x = flags.boolean('b', False)\n",
        "x = flags.boolean('a', False)\ny = {chain}flags.boolean('b', False)\n",
        "flags.boolean('a', False)\n" + "if flags.boolean('b', False): pass\n" * 2_500,
        "{long}if flags.boolean('a', False):\n  flags.boolean('b', False)\n",
    ],
)
def test_hostile_code_ends_soon(code: str) -> None:
    filled = code.format(deep="(" * 10_000, peed=")" * 10_000, chain="z = " * 9_000, long="x = y\n" * 8_000)
    reading = read_calls(filled, LANGUAGES["python"], CallNames())
    assert reading is None or nested_flags(reading) is not None
