"""The seam of the gate: what of a content is a secret, and how sure that is. Pure."""

from __future__ import annotations

import re

from andon.secrets.expressions import Expression
from andon.secrets.finding import Hit, Tier
from andon.secrets.formats import FORMATS, in_files
from andon.secrets.judging import AROUND, entropy, is_random, judge, place_of
from andon.secrets.patterns import Finder, find

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from andon.secrets.judging import Place

#: Where a text goes on after a break that is none for the program: "abc" + "def", or a line that goes on.
_JOINT = (
    rb"([\"'`])(?=[^\"'`])[ \t]{0,40}\)?[+.&\\_]{0,2}[ \t]{0,40}(?:(?:#|//)[^\r\n]{0,100})?"
    rb"(?:\r?\n[ \t]{0,80})?[+.&(]{0,2}[ \t]{0,40}[bBrRuUfF]{0,2}\1|(?<=[\w-])\\\r?\n[ \t]{0,40}(?=[\w-])"
)
#: What can begin a joint, for an engine that looks neither back nor ahead.
_joints = Expression(
    rb"[\"'`][ \t]{0,40}\)?[+.&\\_]{0,2}[ \t]{0,40}(?:(?:#|//)[^\r\n]{0,100})?(?:\r?\n[ \t]{0,80})?[+.&(]{0,2}"
    rb"[ \t]{0,40}[bBrRuUfF]{0,2}[\"'`]|\\\r?\n[ \t]{0,40}[\w-]",
    exact=_JOINT,
)
#: The rows for files, which are not for logs.
_in_files = Finder(in_files.FORMATS)
#: Bytes beside a joint that belong to the text it is in.
_PART = 160
#: A line of an environment file: the name, and the value in double, in single, in no quotes.
_ENV_LINE = (
    rb"(?m)^[ \t]*(?:export[ \t]+|set[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*=[ \t]*"
    rb"(?:\"((?:\\.|[^\"\\\r\n])*)\"?|'([^'\r\n]*)'?|([^\s#][^\r\n#]*))"
)
_SECRET_NAME = rb"(?i)pass|pwd|secret|token|api_?key|access_?key|private|credential|signing|salt|auth|webhook|_key$|^key$|dsn$"
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
    taken: list[Hit] = []
    for start, end, kind in _candidates(content, place):
        if any(hit.start < end and start < hit.end for hit in taken):
            continue
        value = content[start:end]
        tier = judge(kind, value, place, content[max(start - AROUND, 0) : start], content[end : end + AROUND])
        if tier is not None:
            taken.append(Hit(start=start, end=end, kind=kind, tier=tier, value=value))
            if kind == "aws-access-key":
                taken += _beside(content, taken[-1], taken)
    taken += _joined(content, place, taken)
    yield from sorted(taken, key=lambda hit: hit.start)


def _candidates(content: bytes, place: Place) -> Iterator[tuple[int, int, str]]:
    yield from find(content)
    if place.is_environment:
        yield from _values(content)
    yield from _in_files.find(content)


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


def _beside(content: bytes, key: Hit, taken: list[Hit]) -> Iterator[Hit]:
    """Yield the secret key that stands near the name of an AWS access key."""
    low = max(key.start - AROUND, 0)
    for found in re.finditer(_AWS_SECRET, content[low : key.end + AROUND]):
        start, end, value = low + found.start(), low + found.end(), found[0]
        if any(hit.start < end and start < hit.end for hit in taken) or entropy(value) < 4.0:
            continue
        if value.lower() != value and value.upper() != value and b"EXAMPLE" not in value:
            yield Hit(start=start, end=end, kind="aws-secret-key", tier=Tier.BLOCK, value=value)


def _joined(content: bytes, place: Place, taken: list[Hit]) -> list[Hit]:
    """Return tokens of a provider's form that are written in parts, which are one text when it runs."""
    found: list[Hit] = []
    for text, joints in _texts(content):
        for start, end, kind in find(text):
            if kind not in _WHOLE or not any(start < at < end for at, _, _ in joints):
                continue
            first, last = _in_content(joints, start), _in_content(joints, end - 1) + 1
            if any(hit.start < last and first < hit.end for hit in (*taken, *found)):
                continue
            tier = judge(kind, text[start:end], place)
            if tier is not None:
                found.append(Hit(start=first, end=last, kind=kind, tier=tier, value=text[start:end]))
    return found


def _in_content(joints: list[tuple[int, int, int]], place: int) -> int:
    """Return where in the content the byte at a place of the joined text stands."""
    at, low, _ = joints[0]
    found = low - (at - place)
    for at, _, high in joints:
        if at <= place:
            found = high + (place - at)
    return found


def _texts(content: bytes) -> Iterator[tuple[bytes, list[tuple[int, int, int]]]]:
    """Yield texts that are written in parts, with each joint: place in the text, start and end in the content."""
    text, last = b"", -1
    joints: list[tuple[int, int, int]] = []
    for low, high in _joints.spans(content):
        if joints and low - last <= 2 * _PART:
            text += content[last:low]
        else:
            if joints:
                yield text + content[last : last + _PART], joints
            text, joints = content[max(low - _PART, 0) : low], []
        joints.append((len(text), low, high))
        last = high
    if joints:
        yield text + content[last : last + _PART], joints
