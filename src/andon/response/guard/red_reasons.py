"""Why a test that fails without a fix may fail for another reason than the failure that is mended."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

#: Exceptions of Python with which a test ends before it asked anything.
_LOADING = frozenset({"ImportError", "ModuleNotFoundError", "SyntaxError", "IndentationError", "TabError"})
_RAISED = re.compile(r"^(?:E +)?(?:\w+\.)*([A-Z]\w*(?:Error|Exception|Failure|Failed))\b[^\n]*", re.MULTILINE)
_ASSERTED = re.compile(r"^E +assert\b", re.MULTILINE)
#: What runners, compilers and interpreters print when a test could not be loaded or built, and what programs
#: print without a network. The wordings are their own.
_WORDS = re.compile(
    r"can't open file '[^'\n]*'|^E +fixture '[^'\n]*' not found|\bCannot find module '[^'\n]*'"
    r"|Test suite failed to run|\[(?:build|setup) failed\]|^error: could not compile\b[^\n]*"
    r"|COMPILATION ERROR"
    r"|cannot load such file -- \S+|Temporary failure in name resolution|Could not resolve host\b[^\n]*"
    r"|Network is unreachable|No space left on device",
    re.MULTILINE,
)
#: Characters of a reason that are told.
_TOLD = 120


def other_reason(output: str, signs: Sequence[str] = ()) -> str:
    """Return why a failed run says nothing of the failure: it never came to ask. "" when it may have.

    `signs` are what the failure was recognised by: where it is itself of this kind (a module that is missing
    in production), the reason is the right one.
    """
    raised = [(match[1], match[0]) for match in _RAISED.finditer(output)]
    others = [name for name, _ in raised if name not in _LOADING]
    loading = next((line for name, line in reversed(raised) if name in _LOADING), "")
    if loading and not others and not _ASSERTED.search(output):
        return "" if _is_known(loading, signs) else _short(loading)
    words = _WORDS.search(output)
    if words is None or _is_known(words[0], signs):
        return ""
    is_asserted = "AssertionError" in others or _ASSERTED.search(output)
    return "" if is_asserted else _short(words[0])


def _is_known(line: str, signs: Sequence[str]) -> bool:
    """True when the failure itself was seen with the same exception or the same words."""
    raised = _RAISED.match(line)
    names = {raised[1]} if raised else {line.strip()}
    if names & {"ImportError", "ModuleNotFoundError"}:
        names |= {"ImportError", "ModuleNotFoundError"}
    return any(name in sign for name in names for sign in signs)


def _short(line: str) -> str:
    return line.removeprefix("E ").strip()[:_TOLD]
