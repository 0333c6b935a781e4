"""The tests of a text: which there are, whether each runs, and how much it checks."""

from __future__ import annotations

import re

from andon.record import Record
from andon.response.guard.checks import checks
from andon.response.guard.places import is_collected, is_test
from andon.response.guard.structure import SymbolKind
from andon.response.guard.test_marks import Mark, marks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from andon.response.guard.structure import Structure, Symbol


class Test(Record):
    """One test as its runner would find it."""

    __test__ = False

    name: str
    qualified: str
    line: int
    end_line: int
    start: int
    end: int
    #: Lines of code without blanks, the name left out.
    body: tuple[str, ...]
    #: What it asserts: as many lines, each without blanks.
    asserts: tuple[str, ...]
    #: What keeps it from running, in it or around it.
    off: tuple[Mark, ...] = ()
    #: True when it runs for a list of cases.
    has_cases: bool = False


class Suite(Record):
    """All tests of a text, and what turns tests off outside of any."""

    __test__ = False

    tests: tuple[Test, ...] = ()
    #: Every mark with the test or group it stands in; "" for the whole file.
    marks: tuple[tuple[str, Mark], ...] = ()


_CASES = re.compile(
    r"\bparametri[sz]e|\bsubTest\b|\bparameterized\b|\.each\b|@ParameterizedTest|@(?:Csv|Value|Method"
    r"|Enum)Source|[dD]ata[pP]rovider"
    r"|\bInlineData\b|\[Theory|\bTestCase(?:Source)?\(|\brstest\b|\btest_case\b|\bt\.Run\(|\bwhere:|@ddt"
    r"|@data\(|TEST_P\b|INSTANTIATE_TEST"
    r"|\bforAll\b|@given|(?m:^)\s{0,40}for\b|\.forEach\b|\.each\s(?:do|\{)|\bwithData\b|#\[case\b|arguments:"
)
_TEST_CALL = re.compile(r"^(?:x|f|d|i)?(?:it|test|specify|example|scenario|should|property)\b|^(?:it|test)\.")
_ANNOTATED = {
    "java": r"@(?:Test|ParameterizedTest|RepeatedTest|TestFactory|TestTemplate|Property|Theory|Benchmark)\b",
    "kotlin": r"@(?:Test|ParameterizedTest|RepeatedTest|TestFactory|Property)\b",
    "scala": r"@Test\b",
    "csharp": r"\b(?:Fact|Theory|Test(?:Method|Case(?:Source)?)?|DataTestMethod|SkippableFact|Property)\b",
    "rust": r"#\[\s{0,4}(?:\w{1,40}::){0,3}(?:r?s?test|test_case|quickcheck|proptest|\w{1,20}_test|bench)\b",
    "swift": r"@Test\b",
    "php": r"#\[\s{0,4}(?:\\?\w{1,40}\\){0,4}Test\b|@test\b",
}
_ANNOTATIONS = {name: re.compile(pattern) for name, pattern in _ANNOTATED.items()}
_NAMED = {
    "python": re.compile(r"^test"),
    "go": re.compile(r"^(?:Test|Benchmark|Example|Fuzz)(?![a-z])"),
    "ruby": re.compile(r"^test_"),
    "java": re.compile(r"^test[A-Z_0-9]"),
    "php": re.compile(r"^test"),
    "swift": re.compile(r"^test"),
    "bash": re.compile(r"^test"),
    "lua": re.compile(r"^test"),
    "c": re.compile(r"^test"),
    "cpp": re.compile(r"^(?:test|Test)"),
}
_TEST_CLASS = re.compile(r"Test|Spec|Suite|Case")


def read_suite(path: str, text: str | None, structure: Structure) -> Suite:
    """Return the tests that a runner would collect from a file, by the conventions of its language."""
    if text is None or structure.unread:
        return Suite()
    language = structure.language
    collected = is_collected(path) if language != "rust" else True
    found = [(_where(structure, mark.offset), mark) for mark in marks(text, structure)]
    tests = []
    for symbol in structure.symbols if collected else ():
        if not _is_test(symbol, structure, text):
            continue
        off = tuple(
            mark
            for around, mark in found
            if around is None or (around.start <= symbol.start and symbol.end <= around.end)
        )
        body = tuple(_code(text, structure, symbol))
        checked = checks(text, structure, symbol.start, symbol.end)
        tests.append(
            Test(
                name=symbol.name,
                qualified=symbol.qualified,
                line=symbol.line,
                end_line=symbol.end_line,
                start=symbol.start,
                end=symbol.end,
                body=body,
                asserts=tuple(_statement(text, at) for at in checked),
                off=off,
                has_cases=bool(_CASES.search(text, symbol.start, symbol.end)),
            )
        )
    named = tuple((around.qualified if around else "", mark) for around, mark in found)
    return Suite(tests=tuple(tests), marks=named)


def _is_test(symbol: Symbol, structure: Structure, text: str) -> bool:
    language = structure.language
    if symbol.kind is SymbolKind.BLOCK:
        if language == "cpp":
            return True
        return bool(_TEST_CALL.match(text[symbol.start : symbol.start + 40]))
    if symbol.kind not in (SymbolKind.FUNCTION, SymbolKind.METHOD) or (
        symbol.is_local and language != "python"
    ):
        return False
    annotated = _ANNOTATIONS.get(language)
    if annotated is not None and annotated.search(_above(symbol, text)):
        return True
    named = _NAMED.get(language)
    if named is None or not named.search(symbol.name) or symbol.is_local:
        return False
    outer = symbol.qualified.split(".")[:-1]
    if language in ("python", "java", "php", "swift") and outer:
        return bool(_TEST_CLASS.search(outer[-1])) or language != "python" or _inherits(outer[-1], text)
    return True


def _inherits(name: str, text: str) -> bool:
    """True when a class of Python is based on something that is called after tests."""
    return bool(re.search(rf"\bclass\s+{re.escape(name)}\s*\([^)\n]{{0,300}}(?:Test|Case|Mixin|Base)", text))


def _above(symbol: Symbol, text: str) -> str:
    """Return what stands in front of a name, with a comment of PHP right above it."""
    lead = text[max(0, symbol.start - 400) : symbol.start]
    comment = lead[lead.rfind("/**") :] if lead.rstrip().endswith("*/") and "/**" in lead else ""
    return comment + symbol.head


def _where(structure: Structure, offset: int) -> Symbol | None:
    """Return the innermost definition or group around an offset; a local function counts as its owner."""
    found: Symbol | None = None
    for symbol in structure.symbols:
        inside = symbol.start <= offset < symbol.end
        if (
            inside
            and not (symbol.is_local and symbol.kind is not SymbolKind.BLOCK)
            and (found is None or symbol.end - symbol.start <= found.end - found.start)
        ):
            found = symbol
    return found


def _code(text: str, structure: Structure, symbol: Symbol) -> Iterator[str]:
    at = symbol.start + len(symbol.head) + len(symbol.name)
    for line in text[at : symbol.end].split("\n"):
        first = at + len(line) - len(line.lstrip())
        if line.strip() and not structure.is_comment(first):
            yield "".join(line.split())
        at += len(line) + 1


def _statement(text: str, at: int) -> str:
    """Return the line of a check from its first word on, with the lines its brackets hold open."""
    end, depth = at, 0
    while end < len(text) and end < at + 1000:
        letter = text[end]
        if letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
        elif letter == "\n" and depth <= 0:
            break
        end += 1
    return "".join(text[at:end].split())


def holds_tests(path: str) -> bool:
    """True for a file that may hold tests, or what turns them off."""
    return is_test(path) or (is_collected(path) and path.endswith((".rs", ".swift")))
