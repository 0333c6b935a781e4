"""Program text in JavaScript or TypeScript cut into statements, with strings and comments told apart."""

from __future__ import annotations

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: Characters of one file; a longer one is data.
LENGTH_LIMIT = 200_000


class Statement(Record):
    """One statement without comments."""

    text: str
    line: int


def without_comments(text: str) -> str:
    """Return `text` with comments as blanks, every line kept; strings stay as they are."""
    made: list[str] = []
    place, quote = 0, ""
    while place < len(text):
        two = text[place : place + 2]
        if quote:
            if text[place] == "\\":
                made.append(two)
                place += 2
                continue
            if text[place] == quote:
                quote = ""
        elif text[place] in "'\"`":
            quote = text[place]
        elif two == "//":
            end = text.find("\n", place)
            place = len(text) if end < 0 else end
            continue
        elif two == "/*":
            end = text.find("*/", place + 2)
            end = len(text) if end < 0 else end + 2
            made.append("\n" * text.count("\n", place, end))
            place = end
            continue
        made.append(text[place])
        place += 1
    return "".join(made)


def body_after(text: str, start: int) -> str | None:
    """Return what stands between the brace that ends at `start` and the one that closes it.

    None when none does, or brackets of two kinds cross: then it is no program.
    """
    end = _closing(text, start, ["}"])
    return None if end is None else text[start:end]


def is_balanced(text: str) -> bool:
    """True when every bracket of a text has its counterpart."""
    return _closing(text + "}", 0, ["}"]) == len(text)


def _closing(text: str, start: int, wanted: list[str]) -> int | None:
    """Return the place of the last of the `wanted` brackets, those that open in between closed as well."""
    quote, place = "", start
    while place < len(text):
        sign = text[place]
        if quote:
            if sign == "\\":
                place += 1
            elif sign == quote:
                quote = ""
        elif sign in "'\"`":
            quote = sign
        elif sign in _CLOSES:
            wanted.append(_CLOSES[sign])
        elif sign in "})]":
            if sign != wanted.pop():
                return None
            if not wanted:
                return place
        place += 1
    return None


_CLOSES = {"{": "}", "(": ")", "[": "]"}


def statements(body: str, first_line: int) -> Iterator[Statement]:
    """Yield the statements of a body: cut at semicolons, and at lines that do not go on with a dot."""
    depth, quote, begin, place = 0, "", 0, 0
    while place <= len(body):
        sign = body[place] if place < len(body) else ";"
        if quote and place < len(body):
            if sign == "\\":
                place += 1
            elif sign == quote:
                quote = ""
        elif sign in "'\"`":
            quote = sign
        elif sign in "{([":
            depth += 1
        elif sign in "})]":
            depth -= 1
        elif depth == 0 and (sign == ";" or (sign == "\n" and _ends(body, begin, place))):
            yield from _cut(body, begin, place, first_line)
            begin = place + 1
        place += 1
    if begin < len(body):
        yield from _cut(body, begin, len(body), first_line)


def _ends(body: str, begin: int, place: int) -> bool:
    before, after = body[begin:place].rstrip(), body[place:].lstrip()
    return (
        bool(before)
        and before[-1] not in ".,=(+"
        and before != "return"
        and not after.startswith((".", ")", ","))
    )


def _cut(body: str, begin: int, end: int, first_line: int) -> Iterator[Statement]:
    text = body[begin:end]
    told = text.strip()
    if told:
        lead = len(text) - len(text.lstrip())
        yield Statement(text=told, line=first_line + body.count("\n", 0, begin + lead))
