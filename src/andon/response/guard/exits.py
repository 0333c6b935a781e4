"""Where a function ends before all of it ran: a `return` in the middle, the end of the process."""

from __future__ import annotations

import re

from andon.record import Record
from andon.response.guard.structure import SymbolKind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from andon.response.guard.structure import Structure


class Exit(Record):
    """A place that leaves the function it stands in."""

    #: What is written there, blanks removed.
    text: str
    offset: int
    #: True inside of an `if`, a loop or the like.
    is_conditional: bool


_NOTHING = r"(?:None|True|False|null|nil|undefined|true|false|0|\(\)|Ok\(\(\)\)|@\w{1,40})"
_LEAVES = re.compile(
    rf"(?<![\w.$@>-])return\b[ \t]{{0,8}}{_NOTHING}?[ \t]{{0,8}}(?=[;}}\n#]|//|$)"
    r"|\b(?:sys\.exit|os\._exit|os\.Exit|process\.exit|System\.exit|runtime\.Goexit|process::exit"
    r"|std::exit|Process\.exit!?)\s?\("
    r"|(?<![\w.$>:@-])(?:exit|exitProcess|_exit|quit)\s?\("
)
_LEAVES_RUBY = re.compile(
    r"(?<![\w.:@-])(?:return|next|exit!?|abort|break)\b(?:[ \t]{1,8}(?:nil|true|false|0))?[ \t]{0,8}"
    r"(?=$|[;#}\n]|if\b|unless\b)"
)
_LEAVES_SHELL = re.compile(r"(?<![\w.$-])(?:return|exit)\b(?:[ \t]{1,8}0)?[ \t]{0,8}(?=[;}\n]|$)")
_OTHER = {"ruby": _LEAVES_RUBY, "bash": _LEAVES_SHELL}
#: Languages that close a block with `end` or by indentation.
_INDENTED = ("python", "ruby", "lua", "elixir")
_CONTROL = re.compile(
    r"^\}?\s{0,8}(?:if|else|elif|elsif|for|foreach|while|switch|try|catch|except|finally|do|select|case|match"
    r"|when|unless|until|loop|guard|unsafe|lock|using|repeat|default|rescue|with|async with|async for)\b"
)
_DEPENDS = re.compile(
    r"^\}?\s{0,8}(?:if|else|elif|elsif|for|foreach|while|switch|catch|except|select|case|match|when|unless"
    r"|until|guard|rescue|default|async for)\b"
)
#: A condition that always holds.
_ALWAYS = re.compile(
    r"^\}?\s{0,8}(?:if|while)\s{0,4}\(?\s{0,4}(?:True|true|1|not False|!false)\s{0,4}\)?\s{0,4}"
    r"(?::|\{|;|then\b|do\b|return\b|$)"
)
#: A block of Ruby.
_BLOCK = re.compile(r"\bdo\b(?:\s{0,4}\|[^|\n]{0,100}\|)?$")
#: A block of a subtest belongs to its test.
_SUBTEST = re.compile(r"\.Run\(|\bsubTest\b|\bt\.test\(")


def exits(text: str, structure: Structure, start: int, end: int) -> Iterator[Exit]:
    """Yield what leaves the function between two offsets, but not what only leaves one inside of it."""
    pattern = _OTHER.get(structure.language, _LEAVES)
    inner = [
        other
        for other in structure.symbols
        if start < other.start and other.end <= end and other.kind is not SymbolKind.SCOPE
    ]
    for match in pattern.finditer(text, start, end):
        at = match.start()
        if not structure.is_code(at) or any(other.start <= at < other.end for other in inner):
            continue
        by_indent = structure.language in _INDENTED
        around = _indents(text, start, at) if by_indent else _braces(text, structure, start, at)
        if around is None:
            continue
        words = "".join(match[0].split())
        line = text[text.rfind("\n", 0, at) + 1 : at].strip()
        headers = [header for header in (*around, line) if _DEPENDS.match(header)]
        behind = text[match.end() : match.end() + 8]
        depends = any(not _ALWAYS.match(header) for header in headers) or behind.startswith(("if", "unless"))
        yield Exit(text=words, offset=at, is_conditional=depends)


def _indents(text: str, start: int, at: int) -> list[str] | None:
    """Return the lines that open the blocks around an offset; None when one of them is a function's."""
    column = start - text.rfind("\n", 0, start) - 1
    lines = text[start:at].split("\n")
    depth = len(lines[-1]) - len(lines[-1].lstrip())
    leaves_blocks = text.startswith(("return", "exit", "abort"), at)
    headers: list[str] = []
    for line in reversed(lines[1:-1]):
        own = len(line) - len(line.lstrip())
        if not line.strip() or own >= depth:
            continue
        if own <= column:
            break
        depth = own
        header = line.strip()
        if "function" in header and not _CONTROL.match(header):
            return None
        if _BLOCK.search(header) and not _CONTROL.match(header):
            if not leaves_blocks:
                return None  # `next` leaves a block of Ruby alone, `return` the method around it
            header = f"for {header}"
        headers.append(header)
    return headers


def _braces(text: str, structure: Structure, start: int, at: int) -> list[str] | None:
    """Return what opens the blocks around an offset; None when one but the first is a function's."""
    opened: list[int] = []
    for match in re.finditer(r"[{}]", text[start:at]):
        place = start + match.start()
        if not structure.is_code(place):
            continue
        if match[0] == "{":
            opened.append(place)
        elif opened:
            opened.pop()
    headers = [_header(text, place, start) for place in opened[1:]]
    if all(_CONTROL.match(header) or not header or _SUBTEST.search(header) for header in headers):
        return headers
    return None


def _header(text: str, place: int, start: int) -> str:
    """Return what stands before a brace, on its line or on the one above."""
    before = text[max(start, place - 300) : place].rstrip()
    line = before[before.rfind("\n") + 1 :].strip()
    cut = max(line.rfind(";"), line.rfind("{"))
    return line[cut + 1 :].strip() if not line.startswith(("for", "if")) else line
