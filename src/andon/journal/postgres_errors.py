"""PostgreSQL's error codes in words: what happened to the journal, and the way out."""

from __future__ import annotations

import psycopg

from andon.errors import Unavailable

_GONE = (
    "journal-reachable",
    "the database server does not answer",
    "check that it runs and can be reached from here: psql 'PLACE' -c 'select 1'",
)
_REFUSED = (
    "journal-sign-in",
    "the database server does not let us in",
    "check user, password (PGPASSWORD or ~/.pgpass) and database: psql 'PLACE'",
)
_READ_ONLY = (
    "journal-writable",
    "the database is read-only (a standby, or set so); nothing of this was recorded",
    "name the primary: target_session_attrs=read-write in the URL, or wait for the switch-over",
)
_SLOW = (
    "journal-locked",
    "the database took too long, somebody may hold a lock; nothing of this was recorded",
    "look for it: psql 'PLACE' -c 'select pid, state, query from pg_stat_activity', then try again",
)
_FULL = (
    "disk-full",
    "the database server has no room left; nothing of this was recorded",
    "free space on the server, then give the command again",
)
_NO_RIGHT = (
    "journal-rights",
    "the database user may not do this",
    "let an administrator run: CREATE SCHEMA andon AUTHORIZATION <user>",
)
_DAMAGED = ("journal-intact", "the database reports damaged data", "keep a copy, then restore a backup")
_CONTRADICTION = (
    "journal-intact",
    "the journal contradicts itself, somebody altered it; nothing of this was recorded",
    "find the place with `andon audit`",
)
_FOREIGN = (
    "journal-is-ours",
    "the schema holds tables of another program; Andon does not touch them",
    "name an empty schema: ?options=-csearch_path%3DNAME",
)
NEWER = (
    "schema-version",
    "a newer Andon made this journal; this one can read it but must not write to it",
    "upgrade Andon, then give the command again",
)
#: Error codes (https://www.postgresql.org/docs/current/errcodes-appendix.html), whole or by class.
_ADVICE = {
    "08": _GONE,
    "23": _CONTRADICTION,
    "25006": _READ_ONLY,
    "25P03": _SLOW,
    "28": _REFUSED,
    "3D": _REFUSED,
    "40": _SLOW,
    "42501": _NO_RIGHT,
    "42723": _FOREIGN,
    "42P07": _FOREIGN,
    "53": _GONE,
    "53100": _FULL,
    "55P03": _SLOW,
    "57": _GONE,
    "57014": _SLOW,
    "58": _DAMAGED,
    "XX001": _DAMAGED,
    "XX002": _DAMAGED,
}
_SIGN_IN = ("authentication failed", "no password supplied", "pg_hba.conf", "does not exist", "not permitted")


def is_failure(problem: psycopg.Error) -> bool:
    """True for what the database does to us; False for a mistake in our own SQL."""
    code = problem.sqlstate or ""
    is_of_the_server = isinstance(problem, (psycopg.OperationalError, psycopg.InternalError))
    return is_of_the_server or code in _ADVICE or code[:2] in _ADVICE


def explain(problem: psycopg.Error, place: str) -> Unavailable:
    """Return the Unavailable that says what `problem` means for the journal at `place`."""
    code = problem.sqlstate or ""
    advice = _ADVICE.get(code) or _ADVICE.get(code[:2])
    detail = problem.diag.message_primary or "".join(str(problem).strip().splitlines()[-1:])
    if advice is None and isinstance(problem, psycopg.OperationalError):
        advice = _REFUSED if any(words in str(problem) for words in _SIGN_IN) else _GONE
    rule, message, remedy = advice or (
        "journal-readable",
        "the database does not answer as it should",
        "check it with `andon audit`",
    )
    return refusal(rule, f"{message} ({detail})" if detail else message, remedy, place)


def refusal(rule: str, message: str, remedy: str, place: str) -> Unavailable:
    """Return an Unavailable for the journal at `place`."""
    return Unavailable(message, where=place, rule=rule, remedy=remedy.replace("PLACE", place))
