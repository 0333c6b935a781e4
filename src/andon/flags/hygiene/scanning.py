"""What one file says of flags: the calls that ask for one, the keys it mentions, the flags inside of others.

Bytes are searched for all keys and call names at once; only a file that holds one is read by its grammar.
"""

from __future__ import annotations

import re

from andon.flags.hygiene.languages import language_of
from andon.flags.hygiene.sdk import BY_CONSTANT
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

    from andon.flags.hygiene.languages import Language
    from andon.flags.hygiene.nesting import Nested
    from andon.flags.hygiene.sdk import CallNames

#: Bytes of a file that is searched.
LARGEST = 1 << 20
#: Changes when the same bytes would be judged in another way: what was kept of them is then worthless.
FORMAT = "4"
#: Keys this short are in every file by chance: they are only searched for with their quotes.
_SHORT = 6
_QUOTES = b"\"'`:"
_PROSE = ("md", "rst", "txt", "adoc", "markdown", "mdx", "po", "pot", "csv", "tsv", "log")
#: What nobody writes by hand, by the end of its name.
_UNREAD = (
    "png", "jpg", "jpeg", "gif", "ico", "webp", "svg", "pdf", "zip", "gz", "tgz", "xz", "bz2", "7z", "jar",
    "war",
    "class", "so", "dll", "dylib", "exe", "a", "o", "pyc", "woff", "woff2", "ttf", "otf", "eot", "mp3", "mp4",
    "mov", "wav", "wasm", "bin", "dat", "db", "sqlite", "parquet", "onnx", "pb", "map", "lock", "sum", "snap",
)  # fmt: skip
_VENDORED = ("vendor", "node_modules", "bower_components", "third_party", "third-party", "site-packages")
_MOST_MENTIONS = 1_000
_MOST_IN_A_TABLE = 20_000
#: Whom a flag is asked of, in the bytes before a call.
_ASKED = re.compile(rb"(?i)flag|feature|unleash|toggle|launch|ld(?:_?client)?\b")
#: A second argument: a flag is asked for with what counts when nobody answers.
_SECOND = re.compile(rb"(?:<[^<>()]{0,80}>)?\s*\((?:[^()]|\([^()]{0,200}\)){0,300}?,|\s+flag_key")
#: A constant that sounds like a flag's, as the first argument.
_OF_FLAGS = re.compile(rb"(?i)\s*[&$@]?[\w.:>-]{0,80}(?:flag|feature|toggle)")
_BARE = frozenset(name.encode() for name in BY_CONSTANT)


class Mention(Record):
    """A key in a file, or a call that asks for it."""

    key: str
    line: int
    #: The name of the call; "" where the key only stands there.
    call: str = ""
    #: The constant of another file that has the key, until all files are known (`constants.resolved`).
    by: str = ""
    #: False for a call that only is one if that constant has a flag's key.
    is_sure: bool = True


class FileScan(Record):
    """What one file says of flags."""

    mentions: tuple[Mention, ...] = ()
    nested: tuple[Nested, ...] = ()
    #: Why it was not read by structure although it may ask for a flag; "" when it was, or need not be.
    unread: str = ""
    #: Names that it gives to keys, each with its key.
    constants: tuple[tuple[str, str], ...] = ()


NOTHING = FileScan()


def why_skipped(path: str, patterns: Collection[str] = ()) -> str:
    """Return why a file is not searched: `vendored`, `not written by hand`, `unscanned`; "" when it is."""
    name = path.rpartition("/")[2]
    ending = name.rpartition(".")[2].lower()
    if ending in _UNREAD or ".min." in name or name == "package-lock.json":
        return "not written by hand"
    if any(f"/{part}/" in f"/{path}" for part in _VENDORED):
        return "vendored"
    return "unscanned" if patterns and _matches(path, patterns) else ""


def _matches(path: str, patterns: Collection[str]) -> bool:
    from fnmatch import fnmatchcase

    return any(
        fnmatchcase(path, pattern) or path.startswith(pattern.rstrip("/*") + "/") for pattern in patterns
    )


def is_test(path: str) -> bool:
    """True for a file that only tests are in, by its path."""
    lowered = f"/{path.lower()}"
    name = lowered.rpartition("/")[2]
    stem = name.partition(".")[0]
    return (
        any(
            f"/{part}/" in lowered
            for part in ("test", "tests", "__tests__", "spec", "specs", "testdata", "e2e")
        )
        or stem.startswith("test_")
        or path.rpartition("/")[2].partition(".")[0].endswith(("_test", "_spec", "Test", "Tests", "Spec"))
        or ".test." in name
        or ".spec." in name
        or name == "conftest.py"
    )


def is_prose(path: str) -> bool:
    """True for what people read: a key there is no use of the flag."""
    return path.rpartition(".")[2].lower() in _PROSE


class Scanner:
    """Looks for one set of keys, and for every call that asks for a flag."""

    def __init__(self, keys: Collection[str], names: CallNames) -> None:
        """Take the keys that are defined, and the names of calls."""
        from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

        self.names = names
        self.keys = frozenset(keys)
        needles: list[bytes] = []
        self._key_of: list[str] = []
        for key in sorted(self.keys):
            raw = key.encode("utf-8", "surrogatepass")
            if not raw:
                continue
            for needle in [raw] if len(raw) >= _SHORT else _quoted(raw):
                needles.append(needle)
                self._key_of.append(key)
        self._known = len(needles)
        needles += names.needles()
        self._needles = needles
        # The table of all states is the fastest by far, and grows with the keys.
        way = Implementation.DFA if self._known <= _MOST_IN_A_TABLE else Implementation.ContiguousNFA
        search = BytesAhoCorasick(needles, matchkind=MatchKind.LeftmostLongest, implementation=way)
        self._search = search.find_matches_as_indexes

    def scan(self, path: str, content: bytes) -> FileScan:
        """Return what a file says of flags; `NOTHING` for nearly all, after one pass over its bytes."""
        hits = self._search(content)
        if not hits:
            return NOTHING
        return self._read(path, content, hits)

    def _read(self, path: str, content: bytes, hits: list[tuple[int, int, int]]) -> FileScan:
        language = language_of(path)
        found: dict[tuple[str, int], None] = {}
        asks = False
        line, at = 1, 0
        for number, start, end in hits:
            if number >= self._known:
                asks = asks or (language is not None and self._may_ask(content, start, end))
                continue
            key = self._key_of[number]
            if len(found) < _MOST_MENTIONS and _stands_alone(content, start, end, key, language is not None):
                line, at = line + content.count(b"\n", at, start), start
                found[key, line] = None
        if language is None:
            if not found or b"\0" in content[:8000] or is_prose(path):
                return NOTHING
            return FileScan(mentions=tuple(Mention(key=key, line=at) for key, at in found))
        if (not asks and not found) or b"\0" in content[:8000]:
            return NOTHING
        if _is_generated(content):  # nobody mends it there; but what it asks for is asked for
            if not found:
                return NOTHING
            constants = _constants(content.decode("utf-8", "replace"), language, found)
            mentions = tuple(Mention(key=key, line=at) for key, at in found)
            return FileScan(mentions=mentions, constants=constants)
        return self._by_structure(content, language, found, for_tests=is_test(path))

    def _may_ask(self, content: bytes, start: int, end: int) -> bool:
        """True unless what stands around the name of a call shows that it is about something else."""
        if content[start : start + 1] == b".":
            return True  # Go's, with a context first
        if _is_word(content[start - 1 : start]) and content[start - 1 : start] != b".":
            return False
        if content[end : end + 1] == b")" and content[end - 1 : end] == b"(":
            return False  # nothing is handed over
        if _ASKED.search(content, max(start - 80, 0), start):
            return True
        name = content[start:end].rstrip(b"\"'`:<(? ")
        if name in _BARE and content[end - 1 : end] == b"(":
            return bool(_OF_FLAGS.match(content, end))
        if content[end - 1] in b"\"'`":
            return False  # a likely name: the key behind it decides, and it is looked for itself
        return bool(_SECOND.match(content, start + len(name))) or name.decode() in self.names.own

    def _by_structure(
        self, content: bytes, language: Language, found: dict[tuple[str, int], None], *, for_tests: bool
    ) -> FileScan:
        # Only now: a commit without a flag does not wait for what reads by structure.
        from andon.flags.hygiene.nesting import MOST_CALLS, nested_flags
        from andon.flags.hygiene.uses import read_calls

        text = content.decode("utf-8", "replace")
        reading = read_calls(text, language, self.names, self.keys, calls_only=for_tests)
        constants = _constants(text, language, found)
        if reading is None:
            return FileScan(
                mentions=tuple(Mention(key=key, line=line) for key, line in found),
                unread="too large or too deep to be read by structure",
                constants=constants,
            )
        calls = tuple(
            Mention(key=call.key, line=call.line, call=call.name, by=call.by, is_sure=call.is_sure)
            for call in reading.calls
        )
        called = {(one.key, one.line) for one in calls}
        plain = tuple(Mention(key=key, line=line) for key, line in found if (key, line) not in called)
        unread = "it asks for flags too often" if len(calls) > MOST_CALLS else ""
        nested = () if for_tests else nested_flags(reading)
        return FileScan(mentions=(*calls, *plain), nested=nested, unread=unread, constants=constants)


def _constants(
    text: str, language: Language, found: Collection[tuple[str, int]]
) -> tuple[tuple[str, str], ...]:
    if not found:
        return ()
    from andon.flags.hygiene.constants import names_given

    lines = text.split("\n")
    given = [(name, key) for key, at in found for name in names_given(lines[at - 1], key, language.name)]
    return tuple(dict.fromkeys(given))


def _quoted(key: bytes) -> list[bytes]:
    return [bytes((quote,)) + key + bytes((quote,)) for quote in b"\"'`"] + [b":" + key]


def _stands_alone(content: bytes, start: int, end: int, key: str, is_code: bool) -> bool:
    """True for a key that is no part of a longer word; in code, between quotes or as a symbol."""
    if end - start != len(key.encode("utf-8", "surrogatepass")):
        start, end = start + 1, end - (content[end - 1] in b"\"'`")
    before = content[start - 1 : start]
    after = content[end : end + 1]
    if is_code:
        return before in (b'"', b"'", b"`", b":") and (after in (b'"', b"'", b"`") or before == b":")
    return not _is_word(before) and not _is_word(after)


def _is_word(sign: bytes) -> bool:
    return bool(sign) and (sign.isalnum() or sign in b"_-.")


def _is_generated(content: bytes) -> bool:
    head = content[:2000]
    return b"@generated" in head or (b"DO NOT EDIT" in head and b"enerated" in head)


def to_plain(scan: FileScan) -> list[Any]:
    """Return a scan as JSON values; `from_plain` is the inverse."""
    return [
        [[one.key, one.line, one.call, one.by, one.is_sure] for one in scan.mentions],
        [[one.outer, one.outer_line, one.inner, one.line, one.how] for one in scan.nested],
        scan.unread,
        [list(pair) for pair in scan.constants],
    ]


def from_plain(plain: list[Any]) -> FileScan:
    """Return what `to_plain` wrote; raises ValueError, TypeError or KeyError for anything else."""
    from andon.flags.hygiene.nesting import Nested

    mentions, nested, unread, constants = plain
    return FileScan(
        mentions=tuple(
            Mention(key=str(key), line=int(line), call=str(call), by=str(by), is_sure=bool(sure))
            for key, line, call, by, sure in mentions
        ),
        nested=tuple(
            Nested(outer=str(outer), outer_line=int(at), inner=str(inner), line=int(line), how=str(how))
            for outer, at, inner, line, how in nested
        ),
        unread=str(unread),
        constants=tuple((str(name), str(key)) for name, key in constants),
    )
