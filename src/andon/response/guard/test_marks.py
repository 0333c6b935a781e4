"""How tests are turned off in each family of languages."""

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
    r"|(?<![\w.@])(?:importorskip|xfail|skip)\(|\.skipTest\(|\braise\s{1,4}(?:\w{1,40}\.){0,3}(?:SkipTest"
    r"|Skipped)\b"
    r"|\b__test__\s{0,4}=\s{0,4}False\b|\bcollect_ignore(?:_glob)?\s{0,4}(?:=|\+=)|\bNoTestsRan\b"
    r"|\bpytest_(?:ignore_collect|collection_modifyitems|deselected|runtest_\w{1,20}|pyfunc_call"
    r"|sessionfinish|pycollect_makeitem|collect_\w{1,20})\b"
)
_JS = (
    r"\b(?:it|test|describe|context|suite|specify|scenario|feature|bench)(?:\s{0,20}\.\s{0,4}\w{1,20}){0,3}?"
    r"\s{0,20}\.\s{0,4}(?:skip|only|todo|fixme|failing|fails|fail|skipIf|runIf)\b"
    r"|\b(?:xit|xdescribe|xtest|xcontext|xspecify|fit|fdescribe|fcontext|ddescribe|iit)\s{0,4}[(.]"
    r"|\bthis\.skip\(|(?<![\w.])pending\(|\bt\.(?:skip|todo)\(|\b(?:skip|only|todo)\s{0,4}:\s{0,4}(?:true"
    r"|['\"`])"
)
_RB = (
    r"(?m:^)[ \t]{0,80}(?:xit|xdescribe|xcontext|xspecify|xscenario|xexample|xfeature|fit|fdescribe"
    r"|fcontext|fspecify"
    r"|fscenario|fexample|pending|skip|omit)\b(?![ \t]{0,4}[=.])"
    r"|[,(]\s{0,20}:(?:skip|pending|focus|xit|disabled)\b"
    r"|\b(?:skip|pending|focus|disabled):\s{0,4}(?:true|[\"'])|\bxtest\b"
)
_JVM = (
    r"@(?:Disabled\w{0,40}|Ignored?\b\w{0,40}|Enabled(?:If|On|For)\w{0,40}|Pending\w{0,20}|Requires\b"
    r"|IgnoreIf"
    r"|IgnoreRest|FlakyTest|NotThreadSafe)"
    r"|\benabled\s{0,4}=\s{0,4}false\b|\b(?:Assume|Assumptions)\.\w{1,40}|\bassum(?:e|ing)(?:True|False"
    r"|That|NoException)\w{0,20}\("
    r"|\bSkipException\b|(?<![\w.])(?:xtest|xshould|xit|xdescribe|xcontext|xgiven|xwhen|xthen|xscenario"
    r"|xfeature)\b"
    r"|(?<![\w.@])ignore\s{0,4}\(|(?<![\w.])ignore\s{1,4}should\b|(?m:^)\s{0,40}pending\b"
    r"|\btaggedAs\s{0,4}\(?\s{0,4}\w{0,40}Ignore"
    r"|\.(?:ignore|fail|flaky)\)?\s{0,4}\("
)
_CS = (
    r"\bSkip\s{0,4}=|\[\s{0,4}(?:Ignore|Explicit|Inconclusive)\b|\bAssert\.(?:Ignore|Inconclusive|Pass)\("
    r"|\bSkip\.(?:If|IfNot|When|Unless|Test)\w{0,20}\(|\bIgnore(?:Reason)?\s{0,4}="
)
_PHP = (
    r"\bmarkTest(?:Skipped|Incomplete)\w{0,20}\(|->(?:skip\w{0,20}|todo|only)\("
    r"|#\[\s{0,4}(?:Ignore|Skip|Group\(['\"]skip)|\$scenario->(?:skip|incomplete)\("
)
_RS = r"#\[\s{0,4}(?:ignore\b|cfg_attr\([^\n]{0,200}\bignore\b|should_panic\b|cfg\(any\(\)\)|cfg\(FALSE\))"
_EX = r"@(?:module|describe)?tag\s{1,4}(?::(?:skip|pending|disabled|exclude)\b|(?:skip|pending):)"
_GO = (
    r"\b\w{1,20}\.(?:Skip|Skipf|SkipNow)\(|\b(?:X|F|P)(?:It|Describe|Context|Specify|When)\("
    r"|\bPending\b\s{0,4}[,)]"
)
_SWIFT = r"\bXCTSkip\w{0,20}|\.disabled\(|\bxit\(|\bxdescribe\(|\bfit\(|\bwithKnownIssue\b"
_CPP = (
    r"\bGTEST_SKIP\b|\bDISABLED_\w{1,80}|\bSKIP\(|\bQSKIP\(|\bboost::unit_test::disabled\b"
    r"|\bdoctest::(?:skip|may_fail)|\bTEST_IGNORE\w{0,20}\(|\[!(?:mayfail|shouldfail|hide)\]|\[\.\w{0,30}\]"
    r"|(?m:^)\#\s{0,4}if\s{1,4}0\b"
)
_SH = r"(?m:^)\s{0,40}skip\b|\bstartSkipping\b"
_LUA = r"(?m:^)\s{0,40}pending\s{0,4}\("
_FAMILIES = {
    "python": _PY, "javascript": _JS, "typescript": _JS, "tsx": _JS, "ruby": _RB, "java": _JVM,
    "kotlin": _JVM, "scala": _JVM, "csharp": _CS, "php": _PHP, "rust": _RS, "elixir": _EX, "go": _GO,
    "swift": _SWIFT,
    "c": _CPP, "cpp": _CPP, "bash": _SH, "lua": _LUA,
}  # fmt: skip
#: What is looked for in a language that is not known: no plain words at the beginning of a line.
_WORDS = r"\bskip(?:ped|_test|Test)?\s{0,4}[:(]|@skip\b"
_ANY = "|".join((_PY, _JS, _JVM, _CS, _PHP, _RS, _EX, _GO, _SWIFT, _CPP, _WORDS))
_OFF = {name: re.compile(pattern) for name, pattern in {**_FAMILIES, "": _ANY}.items()}
_CONDITIONAL = re.compile(
    r"(?i)skipif|skipunless|importorskip|skip_?(?:if|unless|on)|runIf|EnabledIf|EnabledOn|EnabledFor"
    r"|DisabledOn|DisabledIf"
    r"|DisabledFor|assum|cfg_attr|Requires|should_panic|SkippableFact|\.IfNot|\.If\(|pytest_|requires"
)
#: Names that say `only this one`: every other test is turned off by it.
_FOCUS = re.compile(
    r"\bonly\b|^(?:fit|fdescribe|fcontext|fspecify|fscenario|fexample|ddescribe|iit)\b|focus|^F(?:It"
    r"|Describe|Context)"
)


_BRANCHES = ("if", "} else", "else", "elif", "except", "} catch", "catch", "rescue")


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
        depends = depends or (before.endswith(("{", ":")) and before.startswith(_BRANCHES))
        depends = depends or bool(re.search(r"[)\"']\s{1,4}(?:if|unless)\s", around))
        yield Mark(text=words, offset=start, is_conditional=depends)


def is_focus(mark: Mark) -> bool:
    """True for a mark that lets only its own tests run."""
    return bool(_FOCUS.search(mark.text))
