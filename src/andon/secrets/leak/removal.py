"""Taking secrets out of a content: in the form in which they stand there, and nothing else of it. Pure.

In a text the secret becomes a marker; in what has NUL bytes it becomes as many other bytes, so that offsets
and lengths inside still hold. What cannot be cleaned in place is for the caller to replace as a whole.
"""

from __future__ import annotations

import re
from binascii import Error as NotBase64
from binascii import a2b_base64, b2a_base64

from andon.record import Record
from andon.secrets.known_values import SHORTEST, forms
from andon.secrets.leak.credential import why_doubtful
from andon.secrets.leak.finder import Finder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from andon.secrets.leak.credential import Credential
    from andon.secrets.leak.finder import Span

#: Characters of a quantum of base64 before the first that depends on a value k bytes into it.
_BEFORE = (0, 2, 3)
_URL_SAFE = (bytes.maketrans(b"-_", b"+/"), bytes.maketrans(b"+/", b"-_"))
#: How often a content is looked at again: what is put in could make a form of another secret.
_ROUNDS = 3
_WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")


class Form(Record):
    """One way in which a secret may stand in a content."""

    #: What has to be there.
    needle: bytes
    mark: str
    kind: str
    encoding: str
    #: How the replacement is written: "" for bytes as they are, `hex`, `base64`, a wide encoding.
    shape: str = ""
    #: For base64: the bytes that are in there, and how many of the first quantum come before them.
    inside: bytes = b""
    offset: int = 0

    def __repr__(self) -> str:
        """Say which it is, without the secret."""
        return f"Form({self.encoding} of {self.kind} {self.mark})"


class Cleaned(Record):
    """A content after the removal."""

    content: bytes
    #: The digits of what was taken out, and in which encodings it stood; empty when nothing was.
    marks: tuple[str, ...] = ()
    encodings: tuple[str, ...] = ()


class Remover:
    """Takes some secrets out of contents, names and messages."""

    def __init__(self, secrets: Iterable[Credential]) -> None:
        """Prepare for these secrets; where two overlap, the longer one wins the place."""
        self.secrets = tuple(sorted(secrets, key=lambda s: (-len(s.value), s.value)))
        self.finder = Finder(self.secrets)
        forms = all_forms([s for s in self.secrets if not why_doubtful(s.value)])
        self._by_needle = {form.needle: form for form in reversed(forms)}
        ordered = sorted(self._by_needle, key=lambda needle: (-len(needle), needle))
        self._any = re.compile(b"|".join(map(re.escape, ordered)) or b"(?!)")

    def holds(self, content: bytes) -> tuple[tuple[str, str], ...]:
        """Return (mark, encoding) of each secret that stands in the bytes themselves."""
        return self.finder.told(content)

    def clean(self, content: bytes) -> Cleaned:
        """Return the content without the secrets; the very same bytes everywhere else.

        What is known to the last byte is written anew in its own encoding; of what the finder sees besides,
        every character is overwritten.
        """
        found = self.holds(content)
        if not found:
            return Cleaned(content=content)
        same_length = b"\0" in content
        new = self._without_forms(content, same_length=same_length)
        for _ in range(_ROUNDS):
            spans = self.finder.spans(new)
            if not spans:
                break
            new = _overwritten(new, spans, same_length=same_length)
        return Cleaned(
            content=new,
            marks=tuple(dict.fromkeys(mark for mark, _ in found)),
            encodings=tuple(dict.fromkeys(encoding for _, encoding in found)),
        )

    def clean_name(self, name: bytes) -> bytes:
        """Return the name of a file or a reference without the secrets; what is put in is allowed in both."""
        parts, at = [], 0
        for span in self.finder.spans(name):
            parts += [name[at : max(span.start, at)], f"removed-{_plain(span.kind)}-{span.mark}".encode()]
            at = max(span.end, at)
        return b"".join((*parts, name[at:])) if parts else name

    def _without_forms(self, content: bytes, *, same_length: bool) -> bytes:
        pieces: list[bytes] = []
        at = 0
        while (match := self._any.search(content, at)) is not None:
            form = self._by_needle[match.group()]
            start, end, new = self._replaced(content, match.start(), form, same_length=same_length)
            start = max(start, at)
            pieces += [content[at:start], new[len(new) - (end - start) :] if form.shape == "base64" else new]
            at = end
        return b"".join((*pieces, content[at:]))

    def _replaced(self, content: bytes, at: int, form: Form, *, same_length: bool) -> tuple[int, int, bytes]:
        """Return from where to where what is put in for a form that begins at `at`."""
        end = at + len(form.needle)
        if form.shape == "base64":
            return _in_base64(content, at, form)
        if form.shape == "hex":
            return at, end, _filler(form, len(form.needle) // 2).hex().encode()
        if form.shape in _WIDE:
            unit = 2 if "16" in form.shape else 4
            text = _filler(form, len(form.needle) // unit).decode()
            return at, end, text.encode(form.shape)
        return at, end, _filler(form, len(form.needle)) if same_length else marker(form.kind, form.mark)


def marker(kind: str, mark: str) -> bytes:
    """Return what stands in a text where a secret was."""
    return f"[removed:{_plain(kind)}:{mark}]".encode()


def _overwritten(content: bytes, spans: Sequence[Span], *, same_length: bool) -> bytes:
    """Return the content with what the finder saw overwritten, in the shape it has there."""
    parts, at = [], 0
    for span in spans:
        start = max(span.start, at)
        old = content[start : span.end]
        if span.encoding.startswith("base64"):
            new = re.sub(rb"[A-Za-z0-9+/_-]", b"A", old)
        elif span.encoding == "hex":
            new = re.sub(rb"[0-9A-Fa-f]", b"0", old)
        elif span.encoding.startswith("utf-"):
            new = re.sub(rb"[^\0]", b".", old)
        else:
            told = marker(span.kind, span.mark)
            new = told[: len(old)].ljust(len(old), b".") if same_length else told
        parts += [content[at:start], new]
        at = max(span.end, at)
    return b"".join((*parts, content[at:]))


def all_forms(secrets: Sequence[Credential]) -> tuple[Form, ...]:
    """Return every form of every secret, those of the longest secret first."""
    found: list[Form] = []

    def add(
        secret: Credential,
        needle: bytes,
        encoding: str,
        shape: str = "",
        inside: bytes = b"",
        offset: int = 0,
    ) -> None:
        if needle:
            found.append(
                Form(
                    needle=needle,
                    mark=secret.mark,
                    kind=secret.kind,
                    encoding=encoding,
                    shape=shape,
                    inside=inside,
                    offset=offset,
                )
            )

    for secret in secrets:
        value = secret.value
        for written in (value.hex(), value.hex().upper()):
            add(secret, written.encode(), "hex", "hex")
        wide = {encoding: _wide(value, encoding) for encoding in _WIDE}
        for encoding, needle in wide.items():
            add(secret, needle, encoding[:6], encoding)
        for inside, encoding in ((value, "base64"), (wide["utf-16-le"], "base64 of utf-16")):
            for offset, needle in _base64_needles(inside):
                add(secret, needle, encoding, "base64", inside=inside, offset=offset)
        # Whatever else knows a form with a shape of its own, the shape comes first.
        add(secret, value, "plain")
        for form in (*forms(value), _html(value), *_shell(value), value.replace(b"\n", b"\r\n")):
            if form != value:
                add(secret, form, "escaped")
    return tuple(found)


def _base64_needles(inside: bytes) -> Iterable[tuple[int, bytes]]:
    """Return what base64 must contain when `inside` is in it, for each offset and both alphabets."""
    for offset in range(3):
        whole = b2a_base64(b"\0" * offset + inside, newline=False)
        needle = whole[_BEFORE[offset] : (offset + len(inside)) * 8 // 6]
        if len(needle) >= SHORTEST:
            yield offset, needle
            if (safe := needle.translate(_URL_SAFE[1])) != needle:
                yield offset, safe


def _in_base64(content: bytes, at: int, form: Form) -> tuple[int, int, bytes]:
    """Return the quanta around a form in base64 with other bytes of the same number inside."""
    start = at - _BEFORE[form.offset]
    length = -(-(form.offset + len(form.inside)) // 3) * 4
    old = content[max(start, 0) : start + length]
    is_safe = b"-" in old or b"_" in old
    filler = _filler(form, len(form.inside))
    try:
        if start < 0:
            raise NotBase64
        quanta = re.match(rb"[A-Za-z0-9+/_-]*=*", old)
        old = quanta.group() if quanta else b""
        raw = bytearray(
            a2b_base64(old.translate(_URL_SAFE[0]).rstrip(b"=") + b"=" * (-len(old.rstrip(b"=")) % 4))
        )
        if bytes(raw[form.offset : form.offset + len(form.inside)]) != form.inside:
            raise NotBase64
        raw[form.offset : form.offset + len(form.inside)] = filler
        new = b2a_base64(bytes(raw), newline=False).rstrip(b"=")[: len(old.rstrip(b"="))]
        new += old[len(new) :]
    except (NotBase64, ValueError):
        return at, at + len(form.needle), b"A" * len(form.needle)
    return start, start + len(old), new.translate(_URL_SAFE[1]) if is_safe else new


def _filler(form: Form, length: int) -> bytes:
    """Return a marker of exactly so many bytes."""
    return marker(form.kind, form.mark)[:length].ljust(length, b".")


def _plain(kind: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", kind).strip("-").lower() or "secret"


def _wide(value: bytes, encoding: str) -> bytes:
    try:
        return value.decode().encode(encoding)
    except UnicodeDecodeError:
        return value.decode("latin-1").encode(encoding)


def _html(value: bytes) -> bytes:
    escaped = value.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")
    return escaped.replace(b'"', b"&quot;")


def _shell(value: bytes) -> tuple[bytes, ...]:
    return (value.replace(b"'", b"'\\''"), value.replace(b"'", b"''"), value.replace(b"$", b"\\$"))
