"""SQLite's error codes in words: what happened to the journal, and the way out."""

from __future__ import annotations

import sqlite3

from andon.errors import AndonError, Unavailable

_OURS = (sqlite3.ProgrammingError, sqlite3.DataError, sqlite3.NotSupportedError)

# Each: the rule's name, what happened, the way out (FILE stands for the journal's path).
NO_FILE = (
    "journal-is-a-file",
    "the journal's place is a directory or a device",
    "name a file with --journal or ANDON_JOURNAL",
)
EMPTY = (
    "journal-intact",
    "the journal's file is empty: something cut it off, for Andon never leaves it empty",
    "restore a backup over it; only if nothing can be lost: rm FILE",
)
FOREIGN = (
    "journal-is-ours",
    "this database belongs to another program; Andon does not touch it",
    "name another file with --journal or ANDON_JOURNAL",
)
NEWER = (
    "schema-version",
    "a newer Andon made this journal; this one can read it but must not write to it",
    "upgrade Andon, then give the command again",
)
READ_ONLY = (
    "journal-writable",
    "the journal cannot be written: its file or its directory is read-only",
    "make both writable for you (`ls -ld FILE`, `mount`), or give another place with --journal",
)
FULL = (
    "disk-full",
    "the disk is full; nothing of this was recorded",
    "free some space (`df -h FILE`), then give the command again",
)
DISK = (
    "journal-disk",
    "the disk does not take or give the journal's data; nothing of this was recorded",
    "look at the system log and at `df -h FILE`, then give the command again",
)
_ADVICE: dict[int, tuple[str, str, str]] = {
    sqlite3.SQLITE_BUSY: (
        "journal-locked",
        "another program keeps the journal locked",
        "see who has it open with `fuser -v FILE` (or `lsof FILE`), end that, then give the command again",
    ),
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_IOERR: DISK,
    sqlite3.SQLITE_CORRUPT: (
        "journal-intact",
        "the journal's file is damaged",
        "keep a copy, then restore a backup, or save what can be read: sqlite3 FILE .recover",
    ),
    sqlite3.SQLITE_NOTADB: (
        "journal-intact",
        "this file is not a journal",
        "give the right place with --journal or ANDON_JOURNAL, or restore a backup over it",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "journal-opens",
        "the journal cannot be opened",
        "check its directory and your permissions with `ls -ld FILE`, or give another place with --journal",
    ),
    sqlite3.SQLITE_CONSTRAINT: (
        "journal-intact",
        "the journal contradicts itself, somebody altered it; nothing of this was recorded",
        "find the place with `andon audit`",
    ),
    sqlite3.SQLITE_TOOBIG: (
        "journal-size",
        "this is more than SQLite can keep in one piece",
        "attach a smaller piece",
    ),
}
_ADVICE[sqlite3.SQLITE_LOCKED] = _ADVICE[sqlite3.SQLITE_BUSY]
_ADVICE[sqlite3.SQLITE_PROTOCOL] = _ADVICE[sqlite3.SQLITE_BUSY]
_ADVICE[sqlite3.SQLITE_PERM] = _ADVICE[sqlite3.SQLITE_CANTOPEN]
_ADVICE[sqlite3.SQLITE_AUTH] = _ADVICE[sqlite3.SQLITE_CANTOPEN]


def is_failure(problem: BaseException) -> bool:
    """True for what the database and the system do to us; False for mistakes of ours."""
    return isinstance(problem, (sqlite3.DatabaseError, OSError)) and not isinstance(problem, _OURS)


def explain(problem: BaseException, place: str) -> AndonError:
    """Return the Unavailable that says what `problem` means for the journal at `place`."""
    code = getattr(problem, "sqlite_errorcode", 0) & 0xFF  # the low byte is the primary code
    if isinstance(problem, OSError):
        rule, message, remedy = _ADVICE[_code_of(problem)]
        message = f"{message} ({problem.strerror})"
    elif code in _ADVICE:
        rule, message, remedy = _ADVICE[code]
        message = message if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL) else f"{message} ({problem})"
    else:
        rule, message = "journal-readable", f"the journal does not answer as it should ({problem})"
        remedy = "check it with `andon audit`"
    return Unavailable(message, where=place, rule=rule, remedy=remedy.replace("FILE", place))


def _code_of(problem: OSError) -> int:
    import errno

    if problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return sqlite3.SQLITE_FULL
    if problem.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return sqlite3.SQLITE_READONLY
    if problem.errno in (errno.EIO, errno.EFBIG):
        return sqlite3.SQLITE_IOERR
    return sqlite3.SQLITE_CANTOPEN
