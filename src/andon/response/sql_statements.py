"""Cutting SQL into statements, and telling which of them would reach past the database they are run in."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: What begins something in which a semicolon ends nothing; a quoted piece is matched whole.
_PIECE = re.compile(
    r"(?P<quoted>'[^']*(?:''[^']*)*(?:'|\Z)|\"[^\"]*(?:\"\"[^\"]*)*(?:\"|\Z)|`[^`]*(?:`|\Z))"
    r"|(?P<line>--[^\n]*)"
    r"|(?P<block>/\*)"
    r"|(?P<dollar>(?<![\w$])\$(?:[A-Za-z_]\w*)?\$)"
    r"|(?P<escaped>(?<!\w)[eE]'[^'\\]*(?:(?:\\.|'')[^'\\]*)*(?:'|\Z))"
    r"|(?P<trigger>\bCREATE\s+(?:TEMP(?:ORARY)?\s+)?TRIGGER\b)"
    r"|(?P<word>\b(?:BEGIN|CASE|END)\b)"
    r"|(?P<end>;)",
    re.IGNORECASE | re.DOTALL,
)
_BLOCK = re.compile(r"/\*|\*/")

#: Statements whose effect is not undone by dropping the database they were given in.
_REACHES_OUT = re.compile(
    r"^\s*(?:"
    r"(?:create|alter|drop)\s+(?:role|user|group|database|tablespace|subscription|server|foreign\s+data)\b"
    r"|alter\s+system\b|(?:re)?set\s+role\b|set\s+(?:local\s+|session\s+)?session\s+authorization\b"
    r"|copy\b.*\b(?:program|from\s+'|to\s+')|attach\b|vacuum\s+into\b|vacuum\b.*\binto\b|load\b"
    r"|reassign\s+owned\b|drop\s+owned\b|import\s+foreign\b"
    r")|\b(?:dblink\w*|lo_import|lo_export|pg_read_file|pg_read_binary_file|pg_ls_dir|pg_terminate_backend"
    r"|pg_reload_conf|load_extension|writefile|readfile)\"?\s*\(",
    re.IGNORECASE | re.DOTALL,
)


def statements(text: str) -> Iterator[str]:
    """Return the statements of a script, without the semicolons; what holds comments only is left out.

    Follows quotes, dollar quotes, nested comments, and the body of an SQLite trigger.
    """
    start = at = depth = 0
    in_trigger = is_code = False
    while match := _PIECE.search(text, at):
        is_code = is_code or bool(text[at : match.start()].strip())
        kind, at = match.lastgroup, match.end()
        if kind == "block":
            at = _end_of_block(text, at)
            continue
        if kind == "line":
            continue
        if kind == "dollar":
            close = text.find(match[0], at)
            at = len(text) if close < 0 else close + len(match[0])
        elif kind == "trigger":
            in_trigger, depth = True, 0
        elif kind == "word" and in_trigger:
            depth += -1 if match[0].lower() == "end" else 1
        elif kind == "end" and not (in_trigger and depth > 0):
            if is_code:
                yield text[start : match.start()].strip()
            start, in_trigger, is_code = at, False, False
            continue
        is_code = is_code or kind != "end"
    if is_code or text[at:].strip():
        yield text[start:].strip()


def _end_of_block(text: str, at: int) -> int:
    """Return where a comment ends; comments may hold comments."""
    depth = 1
    while depth and (match := _BLOCK.search(text, at)):
        depth += 1 if match[0] == "/*" else -1
        at = match.end()
    return len(text) if depth else at


def bare(statement: str) -> str:
    """Return a statement without comments and without what is quoted, for looking at its words."""
    parts, at = [], 0
    while match := _PIECE.search(statement, at):
        parts.append(statement[at : match.start()])
        at = match.end()
        match match.lastgroup:
            case "block":
                at = _end_of_block(statement, at)
            case "dollar":
                parts.append(match[0])  # its body is code of this database, and may call what reaches out
            case "quoted" | "escaped":
                parts.append("''" if match[0][:1] in "'eE" else match[0])
            case "line":
                parts.append(" ")
            case _:
                parts.append(match[0])
    return "".join((*parts, statement[at:]))


def reaching_out(text: str) -> str:
    """Return the beginning of a statement that would change more than its own database; "" without one."""
    for statement in statements(text):
        plain = bare(statement)
        if _REACHES_OUT.search(plain.replace("''", "'")):
            return " ".join(plain.split())[:80]
    return ""
