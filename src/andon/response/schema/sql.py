"""SQL read with sqlglot into effects. What it cannot parse, or takes for a command, is not understood."""

from __future__ import annotations

import re

import sqlglot
from sqlglot.errors import SqlglotError
from sqlglot.parser import logger
from sqlglot.tokenizer_core import TokenType

from andon.response.schema.effects import Effect, opaque
from andon.response.schema.expressions import MARK
from andon.response.schema.names import names_of
from andon.response.schema.sections import has_lone_return
from andon.response.schema.sql_words import effects_by_words
from andon.response.schema.statements import statement_effects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlglot.tokenizer_core import Token

logger.disabled = True  # it would write to the terminal what is answered here: that it did not understand

#: Characters of one script. The parser needs seconds for more, and a longer one is a load of data.
LENGTH_LIMIT = 100_000
#: Statements of one script.
STATEMENT_LIMIT = 2_000
#: How deep brackets may be nested: the parser tries several readings a level.
DEPTH_LIMIT = 24

_HINTS = (
    ("mysql", re.compile(r"`|\bAUTO_INCREMENT\b|\bENGINE\s*=", re.IGNORECASE)),
    ("tsql", re.compile(r"\bNVARCHAR\b|\[dbo\]|^\s*GO\s*$", re.IGNORECASE | re.MULTILINE)),
    ("sqlite", re.compile(r"\bAUTOINCREMENT\b|^\s*PRAGMA\b", re.IGNORECASE | re.MULTILINE)),
)


_ESCAPED_QUOTE = re.compile(r"""\\['"]""")
_EXECUTABLE_COMMENT = re.compile(r"/\*M?!")


def _is_nested(text: str) -> bool:
    """True when a comment begins within a comment."""
    begin = text.find("/*")
    while begin >= 0:
        end = text.find("*/", begin + 2)
        if text.find("/*", begin + 2, end if end >= 0 else len(text)) >= 0:
            return True
        begin = text.find("/*", end + 2) if end >= 0 else -1
    return False


def guess_dialect(text: str) -> str:
    """Return the dialect of sqlglot that a text is most likely written in; PostgreSQL in doubt."""
    return next((dialect for dialect, hint in _HINTS if hint.search(text)), "postgres")


def sql_effects(text: str, *, first_line: int = 1, dialect: str = "") -> tuple[Effect, ...]:
    """Return what the statements of `text` do, in order; never raises."""
    if len(text) > LENGTH_LIMIT:
        return (opaque(first_line, f"{len(text):,} characters of SQL are too many to judge"),)
    if _EXECUTABLE_COMMENT.search(text):
        return (opaque(first_line, "a comment that some databases execute"),)
    if has_lone_return(text):
        return (opaque(first_line, "a line that ends in a way that not all databases read alike"),)
    if _is_nested(text):
        return (opaque(first_line, "a comment in a comment, which not all databases read alike"),)
    if not dialect and _ESCAPED_QUOTE.search(text):
        return (opaque(first_line, "a backslash before a quote, which not all databases read alike"),)
    used = dialect or guess_dialect(text)
    if not dialect and used != "postgres" and "\\" in text:
        return (opaque(first_line, "a backslash, which not all databases read in the same way"),)
    try:
        tokens = sqlglot.tokenize(text, read=used)
    except (SqlglotError, RecursionError, ValueError) as problem:
        return (opaque(first_line, f"the SQL cannot be read: {_brief(problem)}"),)
    if any(MARK in t.text and t.token_type is not TokenType.STRING for t in tokens):
        return (opaque(first_line, "a name or number that only the moment of running knows"),)
    found: list[Effect] = []
    for number, statement in enumerate(_statements(tokens)):
        if number >= STATEMENT_LIMIT:
            found.append(opaque(first_line, f"more than {STATEMENT_LIMIT:,} statements are not judged"))
            break
        line = first_line + statement[0].line - 1
        found.extend(_statement(statement, text, line, used))
    return tuple(found)


def _statements(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    current: list[Token] = []
    for token in tokens:
        if token.token_type is TokenType.SEMICOLON:
            if current:
                yield current
            current = []
        else:
            current.append(token)
    if current:
        yield current


def _depth(tokens: Sequence[Token]) -> int:
    depth = deepest = 0
    for token in tokens:
        if token.token_type in (TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.CASE):
            depth += 1
            deepest = max(deepest, depth)
        elif token.token_type in (TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.END):
            depth -= 1
    return deepest


def _statement(tokens: list[Token], text: str, line: int, dialect: str) -> Sequence[Effect]:
    if _depth(tokens) > DEPTH_LIMIT:
        return (opaque(line, f"brackets are nested more than {DEPTH_LIMIT} deep"),)
    spelled = text[tokens[0].start : tokens[-1].end + 1]
    known = effects_by_words(spelled, line)
    if known is not None:
        return known
    try:
        parsed = sqlglot.Dialect.get_or_raise(dialect).parser().parse(tokens, text)
    except (SqlglotError, RecursionError, ValueError, AttributeError, TypeError, IndexError) as problem:
        return (opaque(line, f"the SQL cannot be parsed: {_brief(problem)}"),)
    if len(parsed) != 1 or parsed[0] is None:
        return (opaque(line, "the SQL cannot be parsed into one statement"),)
    try:
        return tuple(statement_effects(parsed[0], line))
    except RecursionError:
        return (opaque(line, "the SQL is nested too deep"),)


def _brief(problem: Exception) -> str:
    words = re.sub(r"\x1b\[\d*m", "", str(problem)).strip().splitlines()
    return (words[0] if words else type(problem).__name__)[:120]


def condition_columns(text: str) -> tuple[str, ...]:
    """Return the columns that a condition is about; empty when it cannot be read."""
    if not text or len(text) > LENGTH_LIMIT or MARK in text:
        return ()
    try:
        if _depth(sqlglot.tokenize(text, read="postgres")) > DEPTH_LIMIT:
            return ()
        return names_of(sqlglot.parse_one(text, read="postgres"))
    except (SqlglotError, RecursionError, ValueError, AttributeError, TypeError, IndexError):
        return ()


def spelled(text: str) -> tuple[tuple[str, str], ...] | None:
    """Return the words of a script without comments and spacing; None when it cannot be read."""
    if len(text) > LENGTH_LIMIT or _EXECUTABLE_COMMENT.search(text):
        return None
    if has_lone_return(text) or _is_nested(text):
        return None
    try:
        tokens = sqlglot.tokenize(text, read=guess_dialect(text))
    except (SqlglotError, RecursionError, ValueError):
        return None
    return tuple((str(t.token_type), t.text) for t in tokens)
