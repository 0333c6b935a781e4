"""What a command line tool answers: untrusted text and JSON, bounded and checked for its kinds.

What the answers mean is left to the deployers. An odd answer is Unavailable and names the command to run
oneself.
"""

from __future__ import annotations

import json
import shlex

from andon.errors import Unavailable
from andon.production.process import clean, run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Seconds a tool may take to tell something.
TELLING = 60.0
#: Bytes of an answer; more is not read as JSON.
LARGEST = 8 << 20
#: Characters of one text inside an answer.
_LONGEST = 2000


class Answer:
    """A value in what a tool printed as JSON; what is not there is empty, another kind is an error."""

    __slots__ = ("_asked", "_value")

    def __init__(self, value: object, asked: str) -> None:
        """Keep the value and the command that printed it."""
        self._value = value
        self._asked = asked

    def text(self, *path: str) -> str:
        """Return a text without control characters; "" when it is not there; raises Unavailable."""
        value = self._at(path)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self._odd(path, "a text")
        return clean(value[:_LONGEST].encode("utf-8", "replace"))

    def whole(self, *path: str) -> int | None:
        """Return a whole number, also one that is written as a text; None when it is not there."""
        value = self._at(path)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
            return int(value)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        raise self._odd(path, "a whole number")

    def flag(self, *path: str) -> bool | None:
        """Return true or false; None when it is not there; raises Unavailable."""
        value = self._at(path)
        if value is None or isinstance(value, bool):
            return value
        raise self._odd(path, "true or false")

    def entries(self, *path: str) -> tuple[Answer, ...]:
        """Return the entries of a list; none when it is not there; raises Unavailable."""
        value = self._at(path)
        if value is None:
            return ()
        if not isinstance(value, list):
            raise self._odd(path, "a list")
        return tuple(type(self)(entry, self._asked) for entry in value)

    def texts(self, *path: str) -> dict[str, str]:
        """Return a table's texts; its other values are left out; raises Unavailable."""
        value = self._at(path)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self._odd(path, "a table")
        return {key: text for key, text in value.items() if isinstance(text, str)}

    def plain(self, *path: str) -> object:
        """Return whatever JSON value is there; None when there is none."""
        return self._at(path)

    def has(self, *path: str) -> bool:
        """Say whether something is there."""
        return self._at(path) is not None

    def _at(self, path: Sequence[str]) -> object:
        value = self._value
        for number, key in enumerate(path):
            if value is None:
                return None
            if not isinstance(value, dict):
                raise self._odd(path[:number], "a table")
            value = value.get(key)
        return value

    def _odd(self, path: Sequence[str], expected: str) -> Unavailable:
        place = ".".join(path) or "it"
        return unavailable(self._asked, f"the answer is not understood: {place} is not {expected}")


def ask(
    arguments: Sequence[str],
    *,
    cwd: str | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float = TELLING,
) -> str:
    """Return what a tool prints on its standard output; raises Unavailable when it fails or says too much."""
    done = run(arguments, cwd=cwd, env=env, timeout=timeout, limit=LARGEST, head=LARGEST, apart=True)
    if not done.succeeded:
        raise unavailable(shlex.join(arguments), done.account)
    if done.left_out:
        raise unavailable(shlex.join(arguments), f"it printed more than {LARGEST >> 20} MB")
    return done.output


def ask_json(
    arguments: Sequence[str],
    *,
    cwd: str | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float = TELLING,
) -> Answer:
    """Return what a tool prints as one JSON value; raises Unavailable."""
    asked = shlex.join(arguments)
    return Answer(_parsed(ask(arguments, cwd=cwd, env=env, timeout=timeout), asked), asked)


def ask_json_lines(
    arguments: Sequence[str],
    *,
    cwd: str | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float = TELLING,
) -> tuple[Answer, ...]:
    """Return what a tool prints as JSON lines, or as one JSON list; raises Unavailable."""
    asked = shlex.join(arguments)
    text = ask(arguments, cwd=cwd, env=env, timeout=timeout).strip()
    if text.startswith("["):
        return Answer(_parsed(text, asked), asked).entries()
    return tuple(Answer(_parsed(line, asked), asked) for line in text.splitlines() if line.strip())


def unavailable(asked: str, why: str) -> Unavailable:
    """Return the error for a command that did not tell what it was asked."""
    return Unavailable(why, where=asked, rule="deployer", remedy=f"run it yourself: {asked}")


def _parsed(text: str, asked: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as problem:
        shown = " ".join(text[:80].split())
        raise unavailable(asked, f"the answer is not JSON: {shown!r}") from problem
