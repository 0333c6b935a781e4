"""How tests are turned off, how they check, and how a check is emptied: one table for each family of languages."""

from __future__ import annotations

import re

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from andon.response.guard.structure import Structure


class Mark(Record):
    """A place where something keeps a test from running."""

    #: What is written there, blanks removed: `pytest.mark.skip`, `it.only`.
    text: str
    offset: int
    #: True when it depends on something; a new test may have such a mark.
    is_conditional: bool = False


_PY = (
    r"@(?:\w{1,60}\.){0,4}(?:skip\w{0,40}|xfail\w{0,20}|expectedFailure\w{0,20}|unittest_skip\w{0,20})\b"
    r"|\bmark\s{0,20}\.[\s\\]{0,40}(?:skip|skipif|xfail)\b|\bpytest\.(?:skip|xfail|importorskip|exit)\b"
    r"|(?<![\w.@])(?:importorskip|xfail|skip)\(|\.skipTest\(|\braise\s{1,4}(?:\w{1,40}\.){0,3}(?:SkipTest|Skipped)\b"
    r"|\b__test__\s{0,4}=\s{0,4}False\b|\bcollect_ignore(?:_glob)?\s{0,4}(?:=|\+=)|\bNoTestsRan\b"
    r"|\bpytest_ignore_collect\b|\bpytest_collection_modifyitems\b"
)
_JS = (
    r"\b(?:it|test|describe|context|suite|specify|scenario|feature|bench)(?:\s{0,20}\.\s{0,4}\w{1,20}){0,3}?"
    r"\s{0,20}\.\s{0,4}(?:skip|only|todo|fixme|failing|fails|fail|skipIf|runIf)\b"
    r"|\b(?:xit|xdescribe|xtest|xcontext|xspecify|fit|fdescribe|fcontext|ddescribe|iit)\s{0,4}[(.]"
    r"|\bthis\.skip\(|(?<![\w.])pending\(|\bt\.(?:skip|todo)\(|\b(?:skip|only|todo)\s{0,4}:\s{0,4}(?:true|['\"`])"
)
_RB = (
    r"(?m:^)[ \t]{0,80}(?:xit|xdescribe|xcontext|xspecify|xscenario|xexample|xfeature|fit|fdescribe|fcontext|fspecify"
    r"|fscenario|fexample|pending|skip|omit)\b(?![ \t]{0,4}[=.])"
    r"|[,(]\s{0,20}:(?:skip|pending|focus|xit|disabled)\b"
    r"|\b(?:skip|pending|focus|disabled):\s{0,4}(?:true|[\"'])|\bxtest\b"
)
_JVM = (
    r"@(?:Disabled\w{0,40}|Ignored?\b\w{0,40}|Enabled(?:If|On|For)\w{0,40}|Pending\w{0,20}|Requires\b|IgnoreIf"
    r"|IgnoreRest|FlakyTest|NotThreadSafe)"
    r"|\benabled\s{0,4}=\s{0,4}false\b|\b(?:Assume|Assumptions)\.\w{1,40}|\bassum(?:e|ing)(?:True|False|That|NoException)\w{0,20}\("
    r"|\bSkipException\b|(?<![\w.])(?:xtest|xshould|xit|xdescribe|xcontext|xgiven|xwhen|xthen|xscenario|xfeature)\b"
    r"|(?<![\w.@])ignore\s{0,4}\(|(?<![\w.])ignore\s{1,4}should\b|(?m:^)\s{0,40}pending\b|\btaggedAs\s{0,4}\(?\s{0,4}\w{0,40}Ignore"
    r"|\.(?:ignore|fail|flaky)\)?\s{0,4}\("
)
_CS = (
    r"\bSkip\s{0,4}=|\[\s{0,4}(?:Ignore|Explicit|Inconclusive)\b|\bAssert\.(?:Ignore|Inconclusive|Pass)\("
    r"|\bSkip\.(?:If|IfNot|When|Unless|Test)\w{0,20}\(|\bIgnore(?:Reason)?\s{0,4}="
)
_PHP = (
    r"\bmarkTest(?:Skipped|Incomplete)\w{0,20}\(|->(?:skip\w{0,20}|todo|only)\(|#\[\s{0,4}(?:Ignore|Skip|Group\(['\"]skip)"
    r"|\$scenario->(?:skip|incomplete)\("
)
_RS = r"#\[\s{0,4}(?:ignore\b|cfg_attr\([^\n]{0,200}\bignore\b|should_panic\b|cfg\(any\(\)\)|cfg\(FALSE\))"
_EX = r"@(?:module|describe)?tag\s{1,4}:?(?:skip|pending|disabled|exclude)\b|@(?:module|describe)?tag\s{0,4}\(?\[?skip:"
_GO = r"\b\w{1,20}\.(?:Skip|Skipf|SkipNow)\(|\b(?:X|F|P)(?:It|Describe|Context|Specify|When)\(|\bPending\b\s{0,4}[,)]"
_SWIFT = r"\bXCTSkip\w{0,20}|\.disabled\(|\bxit\(|\bxdescribe\(|\bfit\(|\bwithKnownIssue\b"
_CPP = (
    r"\bGTEST_SKIP\b|\bDISABLED_\w{1,80}|\bSKIP\(|\bQSKIP\(|\bboost::unit_test::disabled\b|\bdoctest::(?:skip|may_fail)"
    r"|\bTEST_IGNORE\w{0,20}\(|\[!(?:mayfail|shouldfail|hide)\]|\[\.[\w]{0,30}\]|(?m:^)\#\s{0,4}if\s{1,4}0\b"
)
_SH = r"(?m:^)\s{0,40}skip\b|\bstartSkipping\b"
_LUA = r"(?m:^)\s{0,40}pending\s{0,4}\("
_FAMILIES = {
    "python": _PY, "javascript": _JS, "typescript": _JS, "tsx": _JS, "ruby": _RB, "java": _JVM, "kotlin": _JVM,
    "scala": _JVM, "csharp": _CS, "php": f"{_PHP}|(?<![\\w.])(?:it|test)\\([^\\n]{{0,300}}\\)->(?:skip|todo|only)", "rust": _RS,
    "elixir": _EX, "go": _GO, "swift": _SWIFT, "c": _CPP, "cpp": _CPP, "bash": _SH, "lua": _LUA,
}  # fmt: skip
#: What is looked for in a language that is not known; plain words at the beginning of a line would say too much.
_ANY = "|".join(
    (_PY, _JS, _JVM, _CS, _PHP, _RS, _EX, _GO, _SWIFT, _CPP, r"\bskip(?:ped|_test|Test)?\s{0,4}[:(]|@skip\b")
)
_OFF = {name: re.compile(pattern) for name, pattern in {**_FAMILIES, "": _ANY}.items()}
_CONDITIONAL = re.compile(
    r"(?i)skipif|skipunless|importorskip|skip_?(?:if|unless|on)|runIf|EnabledIf|EnabledOn|EnabledFor|DisabledOn|DisabledIf"
    r"|DisabledFor|assum|cfg_attr|Requires|should_panic|SkippableFact|\.IfNot|\.If\(|pytest_|requires"
)
#: Names that say `only this one`: every other test is turned off by it.
_FOCUS = re.compile(
    r"\bonly\b|^(?:fit|fdescribe|fcontext|fspecify|fscenario|fexample|ddescribe|iit)\b|focus|^F(?:It|Describe|Context)"
)


def marks(text: str, structure: Structure) -> Iterator[Mark]:
    """Yield what turns tests off, outside of comments and literals."""
    for match in _OFF[structure.language if structure.language in _OFF else ""].finditer(text):
        start = match.start() + len(match[0]) - len(match[0].lstrip())
        if not structure.is_code(start) and not match[0].lstrip().startswith(("[.", "[!")):
            continue
        words = "".join(match[0].replace("\\", "").split()).strip("@(,")
        around = text[start : start + 120].partition("\n")[0]
        # a call inside `if` says on what it depends; so does a modifier behind it
        before = text[max(0, start - 200) : start].rstrip().rpartition("\n")[2].strip()
        depends = bool(_CONDITIONAL.search(words)) or before.startswith(("if ", "if(", "unless "))
        depends = depends or (before.endswith(("{", ":")) and before.startswith(("if", "} else", "else")))
        depends = depends or bool(re.search(r"[)\"']\s{1,4}(?:if|unless)\s", around))
        yield Mark(text=words, offset=start, is_conditional=depends)


def is_focus(mark: Mark) -> bool:
    """True for a mark that lets only its own tests run."""
    return bool(_FOCUS.search(mark.text))


_ASSERTS = {
    "python": r"\bassert\b|\b(?:self|cls|case|testcase)\.(?:assert\w{0,60}|fail\w{0,40})\s{0,4}\(|\bpytest\.(?:raises|warns|fail)\b"
    r"|\.assert_\w{1,60}\(|(?<![\w.])assert_\w{1,60}\(|(?<![\w.])raises\(|\bexpect\(|\.should\b",
    "javascript": r"\bexpect(?:TypeOf)?\s{0,4}[(.]|\bassert\b(?:\.\w{1,40}){0,2}\s{0,4}\(|\.should\b"
    r"|\bt\.(?:is|not|equal|deepEqual|true|false|truthy|falsy|throws\w{0,10}|like|ok|notOk|same|strictEqual|fail|assert)\s{0,4}\(",
    "go": r"\b\w{1,20}\.(?:Error|Errorf|Fatal|Fatalf|Fail|FailNow)\s{0,4}\(|\b(?:assert|require|qt|is|td)\.\w{1,60}\("
    r"|\b(?:Expect|Ω|Eventually|Consistently)\(|(?m:^)// Output:",
    "ruby": r"(?<![\w.])(?:assert|refute)\w{0,60}\b|\bexpect\b\s{0,4}[({]|\.should(?:_not)?\b|\bis_expected\b|\.(?:must|wont)_\w{1,40}|\bflunk\b",
    "java": r"(?<!\w)assert\w{0,60}\s{0,4}[({]|\bassert\s|\bverify\w{0,40}\s{0,4}[({]|(?<![\w.])fail\s{0,4}\(|\bexpect\w{0,20}\s{0,4}[({=]|\bshould\w{0,40}"
    r"|\bandExpect\(|\bexpected\s{0,4}=|\bexpect\w{0,10}Error\b|\bStepVerifier\b|\bmust(?:Be|Equal)\w{0,20}",
    "csharp": r"\b\w{0,20}Assert\.\w{1,60}|\.Should\w{0,20}\(|\bVerify\w{0,40}\(|\bExpect\(|\bExpectedException\b",
    "php": r"->(?:assert\w{0,60}|expect\w{0,60}|fail|should\w{0,40}|see\w{0,40})\s{0,4}\(|(?:self|static)::(?:assert\w{0,60}|fail)\(|\bAssert::\w{1,60}|(?<![\w>])expect\(",
    "rust": r"\b(?:debug_|prop_)?assert\w{0,40}!|\bpanic!|\bunreachable!|\binsta::\w{1,40}!|\.unwrap_err\(",
    "elixir": r"(?<![\w.])(?:assert|refute)\w{0,40}\b|\bflunk\b",
    "swift": r"\bXCT(?:Assert\w{0,60}|Fail|Unwrap)|#expect|#require|\bexpect\(",
    "cpp": r"\b(?:EXPECT|ASSERT|CHECK|REQUIRE|BOOST|TEST_ASSERT|QVERIFY|QCOMPARE|FAIL|STATIC_REQUIRE)\w{0,60}\s{0,4}\(|\bassert\w{0,40}\s{0,4}\(|\bck_assert\w{0,40}",
    "bash": r"\bassert\w{0,40}|\[\[?\s|\brun\b|\bexit\s{1,4}1\b|\brefute\w{0,40}",
    "lua": r"\bassert\b",
}  # fmt: skip
_ASSERTS |= {"typescript": _ASSERTS["javascript"], "tsx": _ASSERTS["javascript"], "kotlin": _ASSERTS["java"]}
_ASSERTS |= {
    "scala": _ASSERTS["java"],
    "c": _ASSERTS["cpp"],
    "": r"(?i)\bassert\w{0,40}|\bexpect\w{0,40}|\bshould\b|\bverify\b",
}
_CHECKS = {name: re.compile(pattern) for name, pattern in _ASSERTS.items()}


def checks(text: str, structure: Structure, start: int = 0, end: int | None = None) -> list[int]:
    """Return the offsets at which a text asserts something, outside of comments and literals."""
    pattern = _CHECKS.get(structure.language, _CHECKS[""])
    stop = len(text) if end is None else end
    found = (match.start() for match in pattern.finditer(text, start, stop))
    return [at for at in found if structure.is_code(at) or text.startswith("// Output:", at)]


#: A check that can only pass.
_HOLLOW = re.compile(
    r"\bassert\s{1,4}(?:True|1|not\s{1,4}False|true)\s{0,8}(?=$|[,#;\n])"
    r"|\bassert\s{1,4}[^\n]{1,200}\bor\s{1,4}True\b"
    r"|\bassert\s{0,4}\([^\n()]{1,200},\s{0,4}[\"'][^\n]{0,200}[\"']\s{0,4}\)\s{0,4}$"
    r"|\bassert(?:ions?)?(?:\.\w{1,20})?!?\s{0,4}\(\s{0,8}(?:t,\s{0,4})?(?:true|True|1)\s{0,4}[,)]"
    r"|(?i:\b(?:\w{1,20}[.:]{1,2}|\$this->)?(?:xct)?assert(?:_|::|\.)?(?:true|istrue|that|ok)\s{0,4}\(\s{0,8}(?:t,\s{0,4})?(?:true|1)\s{0,4}[,)])"
    r"|(?i:\bassert(?:_|\.)?(?:false|isfalse)\s{0,4}\(\s{0,8}(?:t,\s{0,4})?(?:false|0)\s{0,4}[,)])"
    r"|(?i:\bassert_?(?:equals?|eq|are_?equal|same)!?\s{0,4}\(\s{0,8}(?:t,\s{0,4})?([\w.\"']{1,60})\s{0,4},\s{0,4}\1\s{0,4}[,)])"
    r"|\bassert\s{1,4}([\w.]{1,60})\s{0,4}==\s{0,4}\2\s{0,8}$"
    r"|\bexpect\(\s{0,8}(?:true|1|True)\s{0,4}\)"
    r"|\bexpect\(\s{0,8}([\w.]{1,60})\s{0,4}\)\.(?:toBe|toEqual|to\.equal|to\.eq)\s?\(\s{0,4}\3\s{0,4}\)"
    r"|\b(?:EXPECT|ASSERT)_TRUE\(\s{0,4}(?:true|1)\s{0,4}\)|\b(?:CHECK|REQUIRE)\(\s{0,4}(?:true|1)\s{0,4}\)"
    r"|\bAssert\.Pass\(|\baddToAssertionCount\(|\bexpectNotToPerformAssertions\(",
    re.MULTILINE,
)
#: Code that keeps what follows from running, or from being heard.
_MUTED = re.compile(
    r"\bif\s{0,4}\(?\s{0,4}(?:False|false|0|nil)\s{0,4}\)?\s{0,4}(?::|\{|$)"
    r"|\bexcept\b[^\n:]{0,100}:\s{0,100}(?:pass|\.\.\.)\s{0,4}$|\bcatch\s{0,4}(?:\([^)\n]{0,100}\)\s{0,4})?\{\s{0,100}\}"
    r"|\bcontextlib\.suppress\(|(?<![\w.])suppress\((?:Assertion|Exception|BaseException)"
    r"|\brescue\b[^\n]{0,80}\n\s{0,80}(?:nil\s{0,4}\n\s{0,80})?end\b",
    re.MULTILINE,
)


def hollow(text: str, structure: Structure) -> Iterator[tuple[int, str]]:
    """Yield offset and words of checks that can only pass, and of code that mutes those that follow."""
    for pattern, why in ((_HOLLOW, "can only pass"), (_MUTED, "keeps a failure from being heard")):
        for match in pattern.finditer(text):
            if structure.is_code(match.start()):
                yield match.start(), f"`{' '.join(match[0].split())[:60]}` {why}"
