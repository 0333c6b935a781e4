"""Which settings the application's source names, and which of them where it answers the failing endpoint."""

from __future__ import annotations

import os
import re

from andon.gaps.environment.comparing import Mentions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

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
#: The beginning of what answers another endpoint.
_ROUTE = re.compile(r"""["'`]/[\w/{}<>:.*\[\]-]*["'`]""")


def mentions(directory: str, keys: Collection[str], endpoint: str) -> Mentions:
    """Return which keys the source below a directory names; `is_known` is False when it is too large."""
    if not keys:
        return Mentions(is_known=True)
    wanted = re.compile(rf"(?<![\w.-])(?:{'|'.join(re.escape(key) for key in sorted(keys))})(?![\w-])")
    near = _endpoint(endpoint)
    found: set[str] = set()
    beside: set[str] = set()
    files = size = 0
    for path in _files(directory):
        text = _text(path)
        files, size = files + 1, size + len(text)
        if files > _FILES or size > _BYTES:
            return Mentions()
        if own := set(wanted.findall(text)):
            found |= own
            beside |= _beside(text, wanted, near) if near else set()
    is_known = files > 0
    return Mentions(is_known=is_known, keys=frozenset(found), beside_endpoint=frozenset(beside))


def _endpoint(endpoint: str) -> re.Pattern[str] | None:
    """Return what finds a path in a source: its first words, between quotes or before a parameter."""
    fixed = []
    for segment in endpoint.split("/")[1:]:
        if not segment or any(c.isdigit() for c in segment):
            break
        fixed.append(re.escape(segment))
    return re.compile(rf"""["'`^]/?{"/".join(fixed)}(?=["'`/?$<{{:])""") if fixed else None


def _beside(text: str, wanted: re.Pattern[str], near: re.Pattern[str]) -> set[str]:
    lines = text.splitlines()
    found: set[str] = set()
    for number, line in enumerate(lines):
        if not near.search(line):
            continue
        found |= set(wanted.findall(line))
        for other in lines[number + 1 : number + _NEAR]:
            if _ROUTE.search(other) and not near.search(other):
                break
            found |= set(wanted.findall(other))
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
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(_LARGEST)
    except OSError:
        return ""
