"""The seam of the gate: what of a content is a secret, and how sure that is. Pure."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

from andon.secrets.expressions import Expression
from andon.secrets.finding import Hit, Tier
from andon.secrets.formats import FORMATS, in_files
from andon.secrets.judging import AROUND, entropy, is_random, judge, place_of
from andon.secrets.needles import Needles
from andon.secrets.patterns import FINDER, Finder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from andon.secrets.judging import Place

#: Where a text goes on after a break that is none for the program: "abc" + "def", or a line that goes on.
_JOINT = (
    rb"([\"'`])(?=[^\"'`])[ \t]{0,40}\)?[+.&\\_]{0,2}[ \t]{0,40}(?:(?:#|//)[^\r\n]{0,100})?"
    rb"(?:\r?\n[ \t]{0,80})?[+.&(]{0,2}[ \t]{0,40}[bBrRuUfF]{0,2}\1|(?<=[\w-])\\\r?\n[ \t]{0,40}(?=[\w-])"
)
#: What can begin a joint, for an engine that looks neither back nor ahead: something is between the quotes.
_BREAK = rb"(?:\r?\n[ \t]{0,80})?[+.&(]{0,2}[ \t]{0,40}[bBrRuUfF]{0,2}"
_BETWEEN = (
    rb"(?:(?:#|//)[^\r\n]{0,100}%(b)s|[ \t)+.&\\_\r\n(bBrRuUfF][ \t]{0,40}\)?[+.&\\_]{0,2}[ \t]{0,40}"
    rb"(?:(?:#|//)[^\r\n]{0,100})?\n?%(b)s)" % {b"b": _BREAK}
)
_joints = Expression(rb"\"%(b)s\"|'%(b)s'|`%(b)s`|\\\r?\n[ \t]{0,40}[\w-]" % {b"b": _BETWEEN}, exact=_JOINT)
#: The rows for files, which are not for logs.
_in_files = Finder(in_files.FORMATS)
#: The literals of both, which are looked for once.
_needles = Needles((*FINDER.needles.literals, *_in_files.needles.literals), folded=True)
#: Bytes beside a joint that belong to the text it is in.
_PART = 160
#: A line of an environment file: the name, and the value in double, in single, in no quotes.
_ENV_LINE = (
    rb"(?m)^[ \t]*(?:export[ \t]+|set[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*=[ \t]*"
    rb"(?:\"((?:\\.|[^\"\\\r\n])*)\"?|'([^'\r\n]*)'?|([^\s#][^\r\n#]*))"
)
_SECRET_NAME = (
    rb"(?i)pass|pwd|secret|token|api_?key|access_?key|private|credential|signing|salt|auth|webhook"
    rb"|_key$|^key$|dsn$"
)
_NO_SECRET_NAME = (
    rb"(?i)public|_url$|_uri$|_host$|_path$|_file$|_name$|_user$|_id$|_ttl$|expir|_enabled$|_type$"
)
#: Forty characters of base64, beside an access key of AWS.
_AWS_SECRET = rb"(?<![A-Za-z0-9/+=_-])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=_-])"
#: Rows of providers' forms, which a joint may hide.
_WHOLE = frozenset(
    row.kind for row in FORMATS if row.provider and (row.letters or row.checksum or row.lead == 0)
)


def hits(content: bytes, path: str) -> Iterator[Hit]:
    """Yield the secrets in a content, by place and without overlaps; `path` says what kind of file it is.

    `path` is "" for a message or a name. The content is what a person would read: decoding is the caller's.
    """
    place = place_of(path)
    taken = _Taken()
    for start, end, kind in _candidates(content, place):
        if taken.touches(start, end):
            continue
        value = content[start:end]
        tier = judge(kind, value, place, content[max(start - AROUND, 0) : start], content[end : end + AROUND])
        if tier is not None:
            hit = Hit(start=start, end=end, kind=kind, tier=tier, value=value)
            taken.add(hit)
            if kind == "aws-access-key":
                _take_beside(content, hit, taken)
    _take_joined(content, place, taken)
    return iter(taken.hits)


class _Taken:
    """The hits so far, by place, none of which touches another."""

    def __init__(self) -> None:
        self.hits: list[Hit] = []
        self._starts: list[int] = []

    def touches(self, start: int, end: int) -> bool:
        """Say whether something that was taken overlaps these bytes."""
        at = bisect_left(self._starts, end)
        return at > 0 and self.hits[at - 1].end > start

    def clear(self, start: int, end: int) -> None:
        """Give back what touches these bytes and is only to be looked at: something surer is there."""
        kept = [h for h in self.hits if h.tier is Tier.BLOCK or h.end <= start or h.start >= end]
        self.hits, self._starts = kept, [h.start for h in kept]

    def add(self, hit: Hit) -> None:
        """Take a hit that touches none."""
        at = bisect_left(self._starts, hit.start)
        self._starts.insert(at, hit.start)
        self.hits.insert(at, hit)


def _candidates(content: bytes, place: Place) -> Iterator[tuple[int, int, str]]:
    places = _needles.find(content)
    if place.is_environment:  # its values are told as such, unless they are of a provider's form
        found = list(FINDER.find_at(content, places))
        yield from (one for one in found if one[2] != "assignment")
        yield from _values(content)
        yield from (one for one in found if one[2] == "assignment")
    else:
        yield from FINDER.find_at(content, places)
    yield from _in_files.find_at(content, places)
    yield from _of_whole_file(content, place)


def _of_whole_file(content: bytes, place: Place) -> Iterator[tuple[int, int, str]]:
    """Yield what is secret by the name of its file: a key alone in it, the passwords of PostgreSQL."""
    if place.holds == "key" and len(content) <= 300:
        found = re.fullmatch(rb"\s*([A-Za-z0-9+/=_-]{32,128})\s*", content)
        if found:
            yield *found.span(1), "key-content"
    elif place.holds == "pgpass":
        for line in re.finditer(
            rb"(?m)^(?!#)[^:\r\n]{1,200}:[^:\r\n]{1,20}(?::[^:\r\n]{1,100}){2}:([^\r\n]{4,200})$", content
        ):
            yield *line.span(1), "netrc-password"


def _values(content: bytes) -> Iterator[tuple[int, int, str]]:
    """Yield the values of an environment file that are secret by their name, or that look random."""
    for found in re.finditer(_ENV_LINE, content):
        group = found.lastindex or 1
        if group == 1:
            continue
        start, end = found.span(group)
        value = content[start:end].rstrip()
        end = start + len(value)
        is_secret = re.search(_SECRET_NAME, found[1]) and not re.search(_NO_SECRET_NAME, found[1])
        if b"://" in value or len(value) < 4:
            continue
        if (is_secret and (len(value) >= 6 or is_random(value, 4))) or is_random(value, 20):
            yield start, end, "environment-value"


def _take_beside(content: bytes, key: Hit, taken: _Taken) -> None:
    """Take the secret key that stands near the name of an AWS access key."""
    low = max(key.start - AROUND, 0)
    for found in re.finditer(_AWS_SECRET, content[low : key.end + AROUND]):
        start, end, value = low + found.start(), low + found.end(), found[0]
        if taken.touches(start, end) or entropy(value) < 4.0:
            continue
        if value.lower() != value and value.upper() != value and b"EXAMPLE" not in value:
            taken.add(Hit(start=start, end=end, kind="aws-secret-key", tier=Tier.BLOCK, value=value))


def _take_joined(content: bytes, place: Place, taken: _Taken) -> None:
    """Take tokens of a provider's form that are written in parts, which are one text when it runs."""
    for text, joints in _texts(content):
        places = [at for at, _, _ in joints]
        for start, end, kind in FINDER.find_at(text, _needles.find(text)):
            at = bisect_right(places, start)
            if kind not in _WHOLE or at == len(places) or places[at] >= end:
                continue
            first, last = _in_content(joints, places, start), _in_content(joints, places, end - 1) + 1
            tier = judge(kind, text[start:end], place)
            if tier is Tier.BLOCK:  # a half of it may be taken for the value of a password
                taken.clear(first, last)
            if tier is not None and not taken.touches(first, last):
                taken.add(Hit(start=first, end=last, kind=kind, tier=tier, value=text[start:end]))


def _in_content(joints: list[tuple[int, int, int]], places: list[int], place: int) -> int:
    """Return where in the content the byte at a place of the joined text stands."""
    number = bisect_right(places, place) - 1
    at, low, high = joints[max(number, 0)]
    return high + (place - at) if number >= 0 else low - (at - place)


def _texts(content: bytes) -> Iterator[tuple[bytes, list[tuple[int, int, int]]]]:
    """Yield texts written in parts, with each joint: place in the text, start and end in the content."""
    pieces: list[bytes] = []
    joints: list[tuple[int, int, int]] = []
    size, last = 0, -1
    for low, high in _joints.spans(content):
        if joints and low - last > 2 * _PART:
            yield b"".join((*pieces, content[last : last + _PART])), joints
            pieces, joints, size = [], [], 0
        piece = content[last if joints else max(low - _PART, 0) : low]
        pieces.append(piece)
        size += len(piece)
        joints.append((size, low, high))
        last = high
    if joints:
        yield b"".join((*pieces, content[last : last + _PART])), joints
