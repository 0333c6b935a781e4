"""The redactor of one service: knows what its secret files hold, and is loaded when it is first needed."""

from __future__ import annotations

import errno
import os
import stat
from functools import cached_property

from andon.errors import Unavailable
from andon.secrets.patterns import NEEDLES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from andon.secrets.redaction import PatternRedactor

#: Bytes; an environment file is a thousandth of this.
_LARGEST = 4 * 1024 * 1024
#: Letters and digits of a piece of a text that is looked for in secret files.
_SHORTEST_PIECE = 4
#: A word as long as the shortest value that counts as a secret.
_SHORTEST_WORD = 8


class ServiceRedactor:
    """The port `Redactor` with the values of the configured secret files."""

    def __init__(
        self,
        root: str,
        secret_files: tuple[str, ...],
        key_file: Callable[[], str],
        leaked: Callable[[], tuple[bytes, ...]] = tuple,
    ) -> None:
        """Take the repository, its secret files relative to it, and where the key for markers is kept.

        `leaked`: the values of secrets that are known to have got out.
        """
        self._leaked = leaked
        self._root = root
        self._secret_files = secret_files
        self._key_file = key_file

    def redact(self, content: bytes) -> tuple[bytes, int]:
        """Return the content without secrets and how many were replaced.

        Raises Unavailable when a secret file is there and cannot be read: then nobody can tell.
        """
        return self._redactor.redact(content)

    def redact_stream(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Yield what `redact` makes of the whole, in bounded memory; raises Unavailable as it does."""
        return self._redactor.redact_stream(pieces)

    def redact_words(self, text: str) -> str:
        """Return a short text without secrets, at hardly any cost when it plainly holds none.

        A secret file that cannot be read does not keep anybody from pulling the cord: who types a text cannot
        read that file either, and what a secret looks like is still known.
        """
        if not is_suspicious(text, self._contents):
            return text
        content = text.encode("utf-8", "surrogateescape")
        try:
            clean, hidden = self._redactor.redact(content)
        except Unavailable:
            clean, hidden = self._patterns_only.redact(content)
        return clean.decode("utf-8", "surrogateescape") if hidden else text

    def mark(self, value: bytes) -> str:
        """Return the digits of a secret in its marker; no secret file is read for it."""
        return self._patterns_only.mark(value)

    def know(self, values: Sequence[bytes]) -> None:
        """Take more values that are secret, from now on."""
        known = self._leaked
        self._leaked = lambda: tuple(dict.fromkeys((*known(), *values)))
        for made in ("_contents", "_redactor"):
            self.__dict__.pop(made, None)

    @cached_property
    def _contents(self) -> tuple[str, ...]:
        """The secret files as far as they can be read."""
        found = []
        for name in self._secret_files:
            try:
                found.append(_read(os.path.join(self._root, name)))
            except OSError:
                continue
        found += [f"leaked={value.decode('utf-8', 'surrogateescape')}" for value in self._leaked()]
        return tuple(found)

    @cached_property
    def _redactor(self) -> PatternRedactor:
        from andon.secrets.redaction import PatternRedactor, known_values_from_env_file

        known: list[bytes] = list(self._leaked())
        for name in self._secret_files:
            path = os.path.join(self._root, name)
            try:
                known.extend(known_values_from_env_file(_read(path)))
            except FileNotFoundError:
                continue
            except OSError as problem:
                raise Unavailable(
                    f"a secret file cannot be read, so nothing can be stored safely: {problem.strerror}",
                    where=path,
                    rule="redact-before-store",
                    remedy="check its permissions, or take it out of secret_files in andon.toml",
                ) from problem
        return PatternRedactor(known=tuple(known), key_file=self._key_file())

    @cached_property
    def _patterns_only(self) -> PatternRedactor:
        from andon.secrets.redaction import PatternRedactor

        return PatternRedactor(key_file=self._key_file())


def _read(path: str) -> str:
    """Return a regular file's text; raises OSError for anything that may never end."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, encoding="utf-8", errors="surrogateescape") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "it is no regular file")
        if found.st_size > _LARGEST:
            raise OSError(errno.EFBIG, f"it is larger than {_LARGEST} bytes")
        return file.read()


def is_suspicious(text: str, secret_files: Iterable[str]) -> bool:
    """Return True unless `text` plainly holds no secret, so that the redactor need not be loaded; pure.

    Suspects too much rather than too little: what passes holds no literal that a kind of secret begins with,
    nothing that stands in a secret file, and no word that could be an encoded secret.
    """
    folded = text.lower()
    if any(needle in folded for needle in NEEDLES):
        return True
    contents = tuple(content for content in secret_files if content.strip())
    if not contents:
        return False
    return any(_is_known(word, contents) for word in text.split()) or any(map(_begins(text), contents))


def _begins(text: str) -> Callable[[str], bool]:
    """Return whether `text` holds a value, or the first word of a value of several, however short that is."""

    def begins(content: str) -> bool:
        values = (line.partition("=")[2].strip(" \t\"'") for line in content.splitlines())
        found = (words for value in values if (words := value.split()))
        return any(w[0] in text for w in found if len(w) > 1 or len(w[0]) >= _SHORTEST_PIECE)

    return begins


def _is_known(word: str, contents: tuple[str, ...]) -> bool:
    """Say whether a word could be, or be part of, a value of the secret files, as it is or encoded."""
    bare = word.strip(".,;:!?()[]\"'")
    odd = not bare.isalpha() or bare[1:] != bare[1:].lower()
    if len(word) >= _SHORTEST_WORD and odd:
        return True
    pieces = [bare, *"".join(c if c.isalnum() else " " for c in word).split()]
    return any(len(piece) >= _SHORTEST_PIECE and piece in content for piece in pieces for content in contents)
