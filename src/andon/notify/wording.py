"""What a message looks like when it leaves: text from alerts and logs can call nobody and hide nothing."""

from __future__ import annotations

import re

#: Longest text that is sent, in characters, where the service takes that much.
LONGEST_TITLE = 200
LONGEST_BODY = 3500

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_DIRECTIONS = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
#: Where services look for a mention (`@everyone`, `<!channel>`, `<@U1>`), a tag, or a link with a false name.
_CALLS = re.compile(r"(?<![\w.+-])[@\uff20](?=\w)|<(?=[!@#/\w])|](?=\()")
#: Invisible, and enough to make a mention no mention.
_BREAK = "\u200b"


def harmless(text: str) -> str:
    """Return text with control characters marked, direction overrides gone, and every mention broken."""
    plain = _DIRECTIONS.sub("", text.replace("\r\n", "\n").replace("\t", "    "))
    return _CALLS.sub(lambda found: found.group() + _BREAK, _CONTROLS.sub("\ufffd", plain))


def cut(text: str, longest: int) -> str:
    """Return `text` in at most `longest` characters; a cut is shown by an ellipsis."""
    return text if len(text) <= longest else text[: max(longest - 1, 0)].rstrip() + "…"


def title_and_body(title: str, body: str, *, title_limit: int, body_limit: int) -> tuple[str, str]:
    """Return both, harmless and as long as the service takes; a `title_limit` of 0 means it has no titles."""
    longest = min(title_limit if title_limit > 0 else body_limit // 2, LONGEST_TITLE)
    heading = cut(" ".join(harmless(title).split()), longest)
    room = min(body_limit, LONGEST_BODY)
    if title_limit <= 0:
        room -= len(heading) + 2  # Apprise puts the title on a line of its own above the body
    return heading, cut(harmless(body).strip() or heading, room)  # Apprise takes no empty body
