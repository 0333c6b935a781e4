"""Whether a test that somebody named is in a text, and whether it runs: by words first, by syntax if needed.

Python is read with the standard library's parser. For other languages the name is looked for as a definition
or as the title of a test, with the marks around it; what that cannot tell is unknown.
"""

from __future__ import annotations

import re
from enum import StrEnum

from andon.record import Record


class TestState(StrEnum):
    """What became of a named test."""

    __test__ = False

    RUNS = "runs"
    SKIPPED = "skipped"
    MISSING = "missing"
    UNKNOWN = "unknown"


class Found(Record):
    """What is known of a named test."""

    state: TestState
    #: Why, in a few words.
    why: str = ""


#: Anything that can turn a test of Python off, or hide it from a search by words.
_SUSPICIOUS = re.compile(
    r"[sS]kip|xfail|expectedFailure|__test__|collect_ignore|\b(?:if|while)\s+(?:False|0|None|not\s+True)\b|\bdel\b"
    r"|\bpass\b|^[ \t]+(?:return|\.\.\.)[ \t]*$",
    re.MULTILINE,
)
_JS = re.compile(r"\.[cm]?[jt]sx?$")
#: What stands before the opening bracket of a test's title, and says that it does not run.
_JS_OFF = re.compile(
    r"(?:^|\W)(?:x(?:it|test|describe|context|specify)|[\w.]*\.(?:skip|todo|fixme|failing))\s*(?:\(|$)"
)
_JS_GROUP_OFF = re.compile(
    r"\b(?:xdescribe|xcontext|(?:describe|context|suite|test\.describe)\.(?:skip|fixme))\b"
)
_JS_ONLY = re.compile(r"\b(?:it|test|describe|context)\.only\b|\bf(?:it|describe)\s*\(")
#: Marks in the lines right above a test, or in its first lines.
_ABOVE_OFF = re.compile(
    r"@(?:Disabled|Ignore)\b|#\[\s*ignore\b|\[\s*(?:Ignore|Explicit)\b|\bSkip\s*=|@(?:module)?tag\s+:?skip\b"
    r"|enabled\s*=\s*false|#\[\s*(?:Skip|Ignore)"
)
_WITHIN_OFF = re.compile(
    r"\b\w{1,20}\.Skip(?:f|Now)?\(|\bmarkTest(?:Skipped|Incomplete)\(|^\s*(?:skip|pending|omit)\b|\bXCTSkip\b|\bGTEST_SKIP\b"
)
_RB_OFF = re.compile(r"^\s*(?:x(?:it|describe|context|specify)|pending|skip)\b")
_COMMENT = re.compile(r"\s*(?:#|//|/\*|\*|--)")


def look_for(path: str, name: str, text: str | None) -> Found:
    """Return what is known of the test `name` ("" for the whole file) in a text; None is no file."""
    if text is None:
        return Found(state=TestState.MISSING, why="the file is not there")
    if not name:
        return Found(state=TestState.RUNS, why="the file is there")
    if "\0" in text:
        return Found(state=TestState.UNKNOWN, why="it is not a text")
    parts = [part.strip() for part in name.partition("[")[0].split("::") if part.strip()]
    if not parts:
        return Found(state=TestState.MISSING, why="it has no name")
    if path.endswith((".py", ".pyi")):
        return _in_python(parts, text)
    return _by_words(path, [part.strip() for part in name.split("::") if part.strip()], text)


def _in_python(parts: list[str], text: str) -> Found:
    defined = re.compile(rf"^[ \t]*(?:async[ \t]+)?def[ \t]+{re.escape(parts[-1])}\b", re.MULTILINE)
    found = list(defined.finditer(text))
    if not found and not re.search(rf"\b{re.escape(parts[-1])}\b", text) and len(parts) == 1:
        return Found(state=TestState.MISSING, why="no test of this name is in the file")
    is_plain = len(parts) == 1 and len(found) == 1 and not found[0][0][0].isspace()
    is_plain = is_plain and not re.search(rf"^{re.escape(parts[-1])}\b|^    ['\"]", text, re.MULTILINE)
    if is_plain and not _SUSPICIOUS.search(text) and _is_outside(text, found[0].start()):
        return Found(state=TestState.RUNS)
    from andon.response.gates.python_tests import look_in_python  # the parser costs start-up

    return look_in_python(parts, text)


def _is_outside(text: str, offset: int) -> bool:
    """True when an even number of triple quotes stands before: it is code, as far as words can tell."""
    return all(text.count(quotes, 0, offset) % 2 == 0 for quotes in ('"""', "'''"))


def _by_words(path: str, parts: list[str], text: str) -> Found:
    lines = text.split("\n")
    name = re.escape(parts[-1])
    title = re.compile(rf"""["'`]{name}["'`]""")
    word = re.compile(rf"(?<![\w.]){name}\s*[({{:=]|\b(?:def|func|fn|fun|void|function|sub|test)\s+{name}\b")
    places = [n for n, line in enumerate(lines) if title.search(line) or word.search(line)]
    places = [n for n in places if not _COMMENT.match(lines[n])]
    missing = [part for part in parts[:-1] if part not in text]
    if not places or missing:
        return Found(state=TestState.MISSING, why="no test of this name is in the file")
    reasons = [_why_off(path, lines, n) for n in places]
    if all(reasons):
        return Found(state=TestState.SKIPPED, why=reasons[0])
    if _JS.search(path) and (group := _JS_GROUP_OFF.search(text)):
        return Found(state=TestState.UNKNOWN, why=f"`{group[0]}` may be around it")
    if _JS.search(path) and (focus := _JS_ONLY.search(text)) and not _JS_ONLY.search(lines[places[0]]):
        return Found(state=TestState.SKIPPED, why=f"`{focus[0].strip('( ')}` lets only other tests run")
    return Found(state=TestState.RUNS, why="by its words")


def _why_off(path: str, lines: list[str], at: int) -> str:
    """Return the words that turn a test off, "" for none."""
    line = lines[at]
    if _JS.search(path) and (off := _JS_OFF.search(line)):
        return f"`{off[0].strip('( ')}`"
    if path.endswith(".rb") and (off := _RB_OFF.match(line)):
        return f"`{off[0].strip()}`"
    above = at
    while above > 0 and at - above < 8 and re.match(r"\s*(?:@|#\[|\[)", lines[above - 1]):
        above -= 1
    for text in lines[above : at + 1]:
        if off := _ABOVE_OFF.search(text):
            return f"`{off[0].strip()}`"
    first = next((text for text in lines[at + 1 : at + 3] if text.strip() and text.strip() != "{"), "")
    off = _WITHIN_OFF.search(first)
    return f"`{off[0].strip()}`" if off else ""
