"""The reviewed file of found secrets that somebody answers for: read, judged by date, written. Pure.

One line for each, sorted, so that two changes seldom touch the same line. A value is named by a salted hash
that takes a while to compute: the file can be public, and nobody finds a short value by trying. TOML, read
line by line: a line that cannot be understood costs that line only, and is told.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

#: At the root of the repository.
NAME = ".andon-secrets.toml"
#: Days that an exception can hold at most.
LONGEST = 365
#: Entries of a file that are read.
MOST = 2000
#: scrypt (RFC 7914): 16 MB and about 50 ms for each value that is tried.
_COST, _BLOCK, _LANES, _LENGTH = 1 << 14, 8, 1, 16
#: Not called a salt in the file, because scanners take the value of that for a secret.
_SALT = re.compile(r'mix\s*=\s*"([0-9a-f]{32,128})"')
_ENTRY = re.compile(r"\{.*\},?")
_HASH = re.compile(r"[0-9a-f]{32}")
#: Bytes of a line; a longer one is not an entry.
_LINE = 4000
_FIELDS = frozenset(("kind", "path", "hash", "owner", "reason", "until"))


class Exemption(Record):
    """One line: a value at a path that may stay, who answers for it, why, and until when."""

    kind: str
    path: str
    #: The salted hash of the value, 32 hexadecimal digits.
    hash: str
    owner: str
    reason: str
    #: The last day on which it holds.
    until: date


class Exemptions(Record):
    """A whole file; what is wrong with it is told, and counts as not there."""

    #: Hexadecimal digits; "" for a file without one, in which nothing can be looked up.
    salt: str = ""
    entries: tuple[Exemption, ...] = ()
    #: `line: what is wrong`, in order.
    problems: tuple[str, ...] = ()


def read_exemptions(content: bytes, today: date) -> Exemptions:
    """Return the file; expired, malformed and unreasoned lines count as absent and are told."""
    salt, entries, problems = "", list[Exemption](), list[str]()
    for number, raw in enumerate(content.decode("utf-8", "replace").split("\n"), 1):
        line = raw.strip()
        if not line or line.startswith("#") or line in ("exceptions = [", "]"):
            continue
        if found := _SALT.fullmatch(line):
            problems += [f"{number}: there is a second mix"] if salt else []
            salt = salt or found[1]
        elif len(line) > _LINE or not _ENTRY.fullmatch(line):
            problems.append(f"{number}: it is neither an exception nor the mix")
        elif len(entries) >= MOST:
            problems.append(f"{number}: more than {MOST} exceptions are not read")
            break
        else:
            entry, wrong = _entry(line.rstrip(","), today)
            if entry is not None:
                entries.append(entry)
            else:
                problems.append(f"{number}: {wrong}")
    if entries and not salt:
        problems.insert(0, "1: it has no mix, so none of it counts")
        entries = []
    return Exemptions(salt=salt, entries=tuple(entries), problems=tuple(problems))


def _entry(line: str, today: date) -> tuple[Exemption | None, str]:
    import tomllib

    try:
        table = tomllib.loads(f"x = {line}")["x"]
    except (tomllib.TOMLDecodeError, RecursionError) as problem:
        return None, f"it is no TOML ({type(problem).__name__})"
    if not isinstance(table, dict) or (unknown := sorted(set(table) - _FIELDS)):
        return None, f"it has a field that is not known: {', '.join(unknown)[:80]}"
    texts = {name: table.get(name) for name in ("kind", "path", "hash", "owner", "reason")}
    for name, value in texts.items():
        if not isinstance(value, str) or not value.strip():
            return None, f"{name} is missing"
    until = table.get("until")
    if type(until) is not date:
        return None, "until is missing, or no date: 2026-12-31"
    if until < today:
        return None, f"it ended on {until}"
    if until > today + timedelta(days=LONGEST):
        return None, f"it would hold for more than {LONGEST} days"
    if not _HASH.fullmatch(str(texts["hash"])):
        return None, "hash is not 32 hexadecimal digits"
    return Exemption(until=until, **{name: str(value) for name, value in texts.items()}), ""


def hash_of(value: bytes, salt: str) -> str:
    """Return the salted hash of a value; takes about 50 ms and 16 MB."""
    import hashlib

    made = hashlib.scrypt(
        value, salt=bytes.fromhex(salt), n=_COST, r=_BLOCK, p=_LANES, maxmem=64 << 20, dklen=_LENGTH
    )
    return made.hex()


def with_entry(content: bytes, entry: Exemption, salt: str) -> bytes:
    """Return the file with one more line, in its order; the other lines stay as they are.

    `salt` is used for a file that has none yet. An older line for the same value and path is replaced.
    """
    lines = [line for line in content.decode("utf-8", "surrogateescape").split("\n") if line.strip()]
    if not any(_SALT.fullmatch(line.strip()) for line in lines):
        lines = [*_INTRODUCTION, f'mix = "{salt}"', "exceptions = [", "]"]
    if "]" not in (line.strip() for line in lines):
        lines += ["exceptions = [", "]"]
    same = (f"path = {_quoted(entry.path)}", f'hash = "{entry.hash}"')
    kept = [line for line in lines if not all(part in line for part in same)]
    new = "  " + _line(entry)
    first = next(n for n, line in enumerate(kept) if line.strip() == "exceptions = [") + 1
    end = next(n for n, line in enumerate(kept) if n >= first and line.strip() == "]")
    inside = sorted([*kept[first:end], new])
    return ("\n".join([*kept[:first], *inside, *kept[end:]]) + "\n").encode("utf-8", "surrogateescape")


_INTRODUCTION = (
    "# What the gate for secrets found and somebody answers for. Reviewed like code, and only believed as it",
    "# stands on the protected branch. Written by: andon secrets except",
)


def _line(entry: Exemption) -> str:
    fields = ("path", "kind", "hash", "owner", "reason")
    told = [f"{name} = {_quoted(getattr(entry, name))}" for name in fields]
    return "{ " + ", ".join((*told, f"until = {entry.until.isoformat()}")) + " },"


def _quoted(text: str) -> str:
    """Return a basic string of TOML (1.0.0, Strings) on one line."""
    return '"' + "".join(map(_letter, text)) + '"'


def _letter(letter: str) -> str:
    code = ord(letter)
    if 0xD800 <= code < 0xE000:  # no character at all
        return "\\ufffd"
    if letter.isprintable() and letter not in '"\\':  # who reviews it sees what is there
        return letter
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def matching(entries: Iterable[Exemption], path: str, kind: str, hashed: str) -> Exemption | None:
    """Return the exception for a value at a path."""
    return next((e for e in entries if (e.path, e.kind, e.hash) == (path, kind, hashed)), None)
