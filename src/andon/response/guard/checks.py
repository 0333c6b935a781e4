"""How tests check, in each family of languages, and how a check is emptied."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from andon.response.guard.structure import Structure

_PYTHON = (
    r"\bassert\b|\b(?:self|cls|case|testcase)\.(?:assert\w{0,60}|fail\w{0,40})\s{0,4}\("
    r"|\bpytest\.(?:raises|warns|fail)\b|\.assert_\w{1,60}\(|(?<![\w.])assert_\w{1,60}\("
    r"|(?<![\w.])raises\(|\bexpect\(|\.should\b"
)
_SCRIPT = (
    r"\bexpect(?:TypeOf)?\s{0,4}[(.]|\bassert\b(?:\.\w{1,40}){0,2}\s{0,4}\(|\.should\b"
    r"|\bt\.(?:is|not|equal|deepEqual|true|false|truthy|falsy|throws\w{0,10}|like|ok|notOk|same|strictEqual"
    r"|fail|assert)\s{0,4}\("
)
_GO = (
    r"\b\w{1,20}\.(?:Error|Errorf|Fatal|Fatalf|Fail|FailNow)\s{0,4}\(|\b(?:assert|require|qt|is|td)\.\w{1,60}\("
    r"|\b(?:Expect|Ω|Eventually|Consistently)\(|(?m:^)// Output:"
)
_RUBY = (
    r"(?<![\w.])(?:assert|refute)\w{0,60}\b|\bexpect\b\s{0,4}[({]|\.should(?:_not)?\b|\bis_expected\b"
    r"|\.(?:must|wont)_\w{1,40}|\bflunk\b"
)
_JVM = (
    r"(?<!\w)assert\w{0,60}\s{0,4}[({]|\bassert\s|\bverify\w{0,40}\s{0,4}[({]|(?<![\w.])fail\s{0,4}\("
    r"|\bexpect\w{0,20}\s{0,4}[({=]|\bshould\w{0,40}|\bandExpect\(|\bexpected\s{0,4}="
    r"|\bexpect\w{0,10}Error\b|\bStepVerifier\b|\bmust(?:Be|Equal)\w{0,20}"
)
_PHP = (
    r"->(?:assert\w{0,60}|expect\w{0,60}|fail|should\w{0,40}|see\w{0,40})\s{0,4}\("
    r"|(?:self|static)::(?:assert\w{0,60}|fail)\(|\bAssert::\w{1,60}|(?<![\w>])expect\("
)
_CPP = (
    r"\b(?:EXPECT|ASSERT|CHECK|REQUIRE|BOOST|TEST_ASSERT|QVERIFY|QCOMPARE|FAIL|STATIC_REQUIRE)\w{0,60}\s{0,4}\("
    r"|\bassert\w{0,40}\s{0,4}\(|\bck_assert\w{0,40}"
)
_CSHARP = r"\b\w{0,20}Assert\.\w{1,60}|\.Should\w{0,20}\(|\bVerify\w{0,40}\(|\bExpect\(|\bExpectedException\b"
_RUST = r"\b(?:debug_|prop_)?assert\w{0,40}!|\bpanic!|\bunreachable!|\binsta::\w{1,40}!|\.unwrap_err\("
_ANY = r"(?i)\bassert\w{0,40}|\bexpect\w{0,40}|\bshould\b|\bverify\b"
_FAMILIES = {
    "python": _PYTHON, "javascript": _SCRIPT, "typescript": _SCRIPT, "tsx": _SCRIPT, "go": _GO, "ruby": _RUBY,
    "java": _JVM, "kotlin": _JVM, "scala": _JVM, "csharp": _CSHARP, "php": _PHP, "rust": _RUST,
    "elixir": r"(?<![\w.])(?:assert|refute)\w{0,40}\b|\bflunk\b",
    "swift": r"\bXCT(?:Assert\w{0,60}|Fail|Unwrap)|#expect|#require|\bexpect\(",
    "c": _CPP, "cpp": _CPP,
    "bash": r"\bassert\w{0,40}|\[\[?\s|\brun\b|\bexit\s{1,4}1\b|\brefute\w{0,40}",
    "lua": r"\bassert\b",
    "": _ANY,
}  # fmt: skip
_CHECKS = {name: re.compile(pattern) for name, pattern in _FAMILIES.items()}


def checks(text: str, structure: Structure, start: int = 0, end: int | None = None) -> list[int]:
    """Return the offsets at which a text asserts something, outside of comments and literals."""
    pattern = _CHECKS.get(structure.language, _CHECKS[""])
    stop = len(text) if end is None else end
    found = (match.start() for match in pattern.finditer(text, start, stop))
    return [at for at in found if structure.is_code(at) or text.startswith("// Output:", at)]


#: A check that can only pass.
_HOLLOW = re.compile(
    r"\bassert\s{1,4}(?:True|1|not\s{1,4}False|true)\s{0,8}(?=$|[,#;\n])"
    r"|\bassert\s{1,4}[^\n]{1,200}\bor\s{1,4}True\b|\bassert\s{1,4}True\s{1,4}or\b"
    r"|\b(?:assert|expect|ok|EXPECT|ASSERT)\w{0,20}(?:\.\w{1,20})?!?\s{0,4}\([^\n]{1,200}(?:\|\|\s{0,4}true"
    r"|\bor\s{1,4}True)\s{0,4}[,)]"
    r"|\b(?:assert|expect)\w{0,20}(?:\.\w{1,20})?\s{0,4}\(\s{0,8}(?:true\s{0,4}\|\||True\s{1,4}or\b)"
    r"|\bassert\s{0,4}\([^\n()]{1,200},\s{0,4}[\"'][^\n]{0,200}[\"']\s{0,4}\)\s{0,4}$"
    r"|\bassert(?:ions?)?(?:\.\w{1,20})?!?\s{0,4}\(\s{0,8}(?:t,\s{0,4})?(?:true|True|1)\s{0,4}[,)]"
    r"|(?i:\b(?:\w{1,20}[.:]{1,2}|\$this->)?(?:xct)?assert(?:_|::|\.)?(?:true|istrue|that"
    r"|ok)\s{0,4}\(\s{0,8}(?:t,\s{0,4})?(?:true|1)\s{0,4}[,)])"
    r"|(?i:\bassert(?:_|\.)?(?:false|isfalse)\s{0,4}\(\s{0,8}(?:t,\s{0,4})?(?:false|0)\s{0,4}[,)])"
    r"|(?i:\bassert_?(?:equals?|eq|are_?equal"
    r"|same)!?\s{0,4}\(\s{0,8}(?:t,\s{0,4})?([\w.\"']{1,60})\s{0,4},\s{0,4}\1\s{0,4}[,)])"
    r"|\bassert\s{1,4}([\w.]{1,60})\s{0,4}==\s{0,4}\2\s{0,8}$"
    r"|\bexpect\(\s{0,8}(?:true|1|True)\s{0,4}\)"
    r"|\bexpect\(\s{0,8}([\w.]{1,60})\s{0,4}\)\.(?:toBe|toEqual|to\.equal|to\.eq)\s?\(\s{0,4}\3\s{0,4}\)"
    r"|\b(?:EXPECT|ASSERT)_TRUE\(\s{0,4}(?:true|1)\s{0,4}\)|\b(?:CHECK|REQUIRE)\(\s{0,4}(?:true|1)\s{0,4}\)"
    r"|\bAssert\.Pass\(|\baddToAssertionCount\(|\bexpectNotToPerformAssertions\(",
    re.MULTILINE,
)
#: Code that keeps what follows from running, or from being heard.
_MUTED = re.compile(
    r"\b(?:if|while)\s{0,4}\(?\s{0,4}(?:False|false|0|nil|None|null|not\s{1,4}True|!true|\[\]|\(\)|\{\}"
    r")\s{0,4}\)?\s{0,4}(?::|\{|$)|\b(?:unless|until)\s{1,4}true\s{0,4}$"
    r"|(?<![\w.])if\s{1,4}(?:False|false|0|nil)\s{1,4}(?:and|then|&&)|\b(?:if|while)\s{0,4}\(\s{0,4}false\s{0,4}&&"
    r"|\bfor\b[^\n]{1,80}\b(?:in|of)\s{1,4}(?:\[\s{0,4}\]|\(\s{0,4}\)|\{\s{0,4}\}|range\(\s{0,4}0\s{0,4}\)"
    r"|(?:list|tuple|set|dict|iter)\(\s{0,4}\)|0\s?\.\.\s?0\b)"
    r"|(?<!\w)\[\]\s{0,4}\.\s{0,4}(?:forEach|each|map)\b"
    r"|\bexcept\b[^\n:]{0,100}:\s{0,100}(?:pass|\.\.\.)\s{0,4}$"
    r"|\bcatch\s{0,4}(?:\([^)\n]{0,100}\)\s{0,4})?\{\s{0,100}\}"
    r"|\bcontextlib\.suppress\(|(?<![\w.])suppress\((?:Assertion|Exception|BaseException)"
    r"|\brescue\b[^\n]{0,80}\n\s{0,80}(?:nil\s{0,4}\n\s{0,80})?end\b",
    re.MULTILINE,
)


#: A list of cases that is empty.
_NO_CASES = re.compile(
    r"\bparametri[sz]e\(\s{0,100}(?:[^\n]{0,100},\s{0,100})?(?:argvalues\s{0,4}=\s{0,4})?(?:\[\s{0,100}\]"
    r"|\(\s{0,100}\))\s{0,100}[,)]|\bparameterized(?:\.expand)?\(\s{0,4}\[\s{0,100}\]|\.each\(\s{0,4}\[\s{0,100}\]\s{0,4}\)"
    r"|@(?:CsvSource|ValueSource)\(\s{0,4}(?:\w{1,20}\s{0,4}=\s{0,4})?\{\s{0,100}\}"
)


def hollow(text: str, structure: Structure, spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, str]]:
    """Yield offset and words of checks that can only pass, and of code that mutes those that follow.

    `spans` are pairs of offsets: only what begins in one of them is looked at.
    """
    for pattern, why in (
        (_HOLLOW, "can only pass"),
        (_MUTED, "keeps a failure from being heard"),
        (_NO_CASES, "leaves no case to run"),
    ):
        for start, end in spans:
            for match in pattern.finditer(text, start, min(len(text), end + 300)):
                if match.start() < end and structure.is_code(match.start()):
                    yield match.start(), f"`{' '.join(match[0].split())[:60]}` {why}"
