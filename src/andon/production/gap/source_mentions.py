"""Which settings the application's source names, and which of them where it answers the failing endpoint."""

from __future__ import annotations

import os
import re

from andon.gaps.environment.comparing import Mentions
from andon.production.gap.plain_file import read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

#: Files and bytes that are looked at, at most; beyond it nothing is known.
_FILES, _BYTES, _LARGEST = 5000, 32 << 20, 1 << 20
_ENDINGS = (
    ".py", ".js", ".mjs", ".cjs", ".ts", ".tsx", ".jsx", ".vue", ".svelte", ".rb", ".go", ".java", ".kt",
    ".scala", ".php", ".rs", ".cs", ".ex", ".exs", ".erl", ".clj", ".pl", ".sh", ".erb", ".properties",
    ".conf", ".ini", ".xml",
)  # fmt: skip
_SKIPPED_WORDS = """
node_modules .git .hg .svn .venv venv __pycache__ dist build target vendor .tox .mypy_cache .next coverage
test-results playwright-report
"""
_SKIPPED = frozenset(_SKIPPED_WORDS.split())
#: Lines from where an endpoint is named that count as where it is answered, at most.
_NEAR = 60
#: Lines of a function that counts as one that reads a setting.
_SMALL = 6
_ASSIGNED = re.compile(
    r"\s*(?:(?:export|const|let|var|static|final|public|private|self\.)\s*)*(\w+)\s*(?::[^=]*)?=[^=>]"
)
_FUNCTION = re.compile(
    r"\s*(?:async\s+)?(?:def|function|func|fn)\s+(\w+)|\s*(?:const|let|var)\s+(\w+)\s*=\s*(?:async\s*)?\("
)
_TOKEN = re.compile(r"\w+")
#: The beginning of what answers another endpoint: a declaration or a comparison, and no request to somebody.
_ROUTE = re.compile(
    r"""^\s*@\w[^"'`]*["'`]\^?/"""
    r"""|\b(?:app|router|routes|api|bp|blueprint|mux|server|r)\.\w+\([^"'`]*["'`]\^?/"""
    r"""|^\s*(?:re_)?path\(|\badd_url_rule\(|\bHandle(?:Func)?\("""
    r"""|^\s*(?:get|post|put|patch|delete|match|resources?)\s+["':]"""
    r"""|\bcase\s[^"'`]*["'`]/|==\s*["'`]/|\bstartswith\(\s*["'`]/|\bin\s*[\[({]\s*["'`]/""",
    re.IGNORECASE,
)


def mentions(directory: str, keys: Collection[str], endpoint: str) -> Mentions:
    """Return which keys the source below a directory names; `is_known` is False when it is too large.

    `STORE_NAME` is also named as `storeName`, and as `name` where the prefix `STORE_` stands by itself, as
    libraries that read whole groups of settings have it. A key is beside the endpoint as well when what is
    named there was set from it: a constant, or a function that reads it.
    """
    if not keys:
        return Mentions(is_known=True)
    near = _endpoint(endpoint)
    found: set[str] = set()
    beside: set[str] = set()
    files = size = 0
    for path in _files(directory):
        text = _text(path)
        files, size = files + 1, size + len(text)
        if files > _FILES or size > _BYTES:
            return Mentions()
        prefixes = {token for token in _TOKEN.findall(text) if token.endswith("_")}
        if own := _named(text, keys, prefixes):
            found |= own
            beside |= _beside(text, own, prefixes, near) if near else set()
    return Mentions(is_known=files > 0, keys=frozenset(found), beside_endpoint=frozenset(beside))


def _named(text: str, keys: Collection[str], prefixes: Collection[str]) -> set[str]:
    exact = set(_TOKEN.findall(text))
    tokens = exact | {_plain(token) for token in exact}
    return {key for key in keys if not tokens.isdisjoint(_ways(key, prefixes))}


def _ways(key: str, prefixes: Collection[str]) -> set[str]:
    """Return in which ways a source may name a key; one word in another case is a word of any text."""
    last = key.rpartition(".")[2]
    ways = {last, _plain(last)} if re.search(r"\w[_-]\w|[a-z][A-Z]", last) else {last}
    for prefix in prefixes:
        if len(prefix) > 2 and last.lower().startswith(prefix.lower()):
            ways |= {last[len(prefix) :], _plain(last[len(prefix) :])}
    return ways - {""}


def _plain(token: str) -> str:
    return token.replace("_", "").replace("-", "").lower()


def _set_from(lines: Sequence[str], keys: Collection[str], prefixes: Collection[str]) -> dict[str, set[str]]:
    """Return the names that are set from keys, or that read them, with those keys."""
    found: dict[str, set[str]] = {}
    for number, line in enumerate(lines):
        named = _named(line, keys, prefixes)
        if not named:
            continue
        assigned = _ASSIGNED.match(line)
        own = assigned[1] if assigned else _function_around(lines, number)
        if own:
            found.setdefault(own, set()).update(named)
    return found


def _function_around(lines: Sequence[str], number: int) -> str:
    """Return the name of the small function that a line is in; "" when there is none."""
    for above in range(number, max(number - _SMALL, -1), -1):
        if function := _FUNCTION.match(lines[above]):
            return function[1] or function[2]
    return ""


def _endpoint(endpoint: str) -> re.Pattern[str] | None:
    """Return what finds a path in a source: its first words, between quotes or before a parameter."""
    fixed = []
    for segment in endpoint.split("/")[1:]:
        if not segment or any(c.isdigit() for c in segment):
            break
        fixed.append(re.escape(segment))
    return re.compile(rf"""["'`^]/?{"/".join(fixed)}(?=["'`/?$<{{:])""") if fixed else None


def _beside(text: str, keys: Collection[str], prefixes: Collection[str], near: re.Pattern[str]) -> set[str]:
    """Return the keys that are named from where the endpoint is named to where another one is."""
    lines = text.splitlines()
    close: list[str] = []
    for number, line in enumerate(lines):
        if not near.search(line):
            continue
        close.append(line)
        for other in lines[number + 1 : number + _NEAR]:
            if _ROUTE.search(other) and not near.search(other):
                break
            close.append(other)
    text = "\n".join(close)
    found = _named(text, keys, prefixes)
    tokens = {token for line in close for token in _TOKEN.findall(_FUNCTION.sub("", line))}
    for name, behind in _set_from(lines, keys, prefixes).items():
        if name in tokens:
            found |= behind
    return found


def _files(directory: str) -> Iterator[str]:
    for place, below, names in os.walk(directory):
        below[:] = sorted(name for name in below if name not in _SKIPPED and not name.startswith("."))
        for name in sorted(names):
            if name.endswith(_ENDINGS) and not _is_test(name):
                yield os.path.join(place, name)


def _is_test(name: str) -> bool:
    return bool(re.search(r"(?:^test_|_test\.|\.test\.|\.spec\.|^conftest\.)", name))


def _text(path: str) -> str:
    try:
        return read(path, _LARGEST).decode("utf-8", "replace")
    except OSError:
        return ""
