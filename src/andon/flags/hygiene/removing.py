"""Taking a flag out of a file of code, with the branch of one variant kept. Pure: text in, text out.

What is not surely the same afterwards is left and named: an error that is handled, a switch over variants, a
call whose answer is more than the variant. The result parses, or the file is left as it was; a file that
does not parse before is not touched.
"""

from __future__ import annotations

import json
import re

from andon.flags.hygiene.sdk import answers
from andon.flags.hygiene.simplifying import NO, SAID, YES, simplified
from andon.flags.hygiene.splicing import Edit, applied
from andon.flags.hygiene.tree import has_errors
from andon.flags.hygiene.unused import Unused, no_longer_used
from andon.flags.hygiene.uses import read_calls
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from andon.flags.hygiene.languages import Language
    from andon.flags.hygiene.sdk import CallNames
    from andon.flags.hygiene.tree import Node
    from andon.flags.hygiene.uses import FlagCall, Reading

_AWAITED = ("await_expression", "await")
_SAFE_ENDS = re.compile(r"\.(?:unwrap_or(?:_default|_else)?|unwrap|ConfigureAwait)\s*\($")


class Left(Record):
    """A place that a person has to look at."""

    line: int
    why: str


class Removed(Record):
    """A file without the flag."""

    text: str
    #: How many calls are gone.
    calls: int = 0
    left: tuple[Left, ...] = ()
    #: What nothing in the file uses any more, by its line in `text`.
    unused: tuple[Unused, ...] = ()


def remove_from(
    text: str,
    language: Language,
    names: CallNames,
    key: str,
    value: object,
    known: Mapping[str, str] | None = None,
) -> Removed:
    """Return a file without the calls that ask for a flag, as if it always answered `value`.

    `known` has the keys behind constants of other files.
    """
    reading = read_calls(text, language, names, (key,), whole=True, known=known)
    if reading is None:
        return Removed(text=text, left=(Left(line=0, why="it cannot be read by structure"),))
    asked = [call for call in reading.calls if call.key == key]
    if not asked or YES in text or NO in text or SAID in text:
        return Removed(text=text)
    if has_errors(text, language):
        why = "the file is not read without errors; take it out by hand"
        return Removed(text=text, left=tuple(Left(line=call.line, why=why) for call in asked))
    literal = _literal(value, language)
    edits: list[Edit] = []
    left: list[Left] = []
    for call in asked:
        made = _marked(call, reading, value)
        if isinstance(made, str):
            left.append(Left(line=call.line, why=made))
        else:
            edits.extend(made)
    if not edits or literal is None:
        return Removed(text=text, left=tuple(left))
    marked = applied(text, edits)
    done = simplified(marked, language, literal)
    stays = [
        Left(line=done.count("\n", 0, found.start()) + 1, why=_always(found[0], literal, language))
        for found in re.finditer(f"{YES}|{NO}|{SAID}", done)
    ]
    final = done.replace(YES, language.true).replace(NO, language.false).replace(SAID, literal)
    if has_errors(final, language):
        why = "the edit would not parse; take it out by hand"
        return Removed(text=text, left=tuple(Left(line=call.line, why=why) for call in asked))
    unused = no_longer_used(text, final, language)
    return Removed(text=final, calls=len(asked) - len(left), left=(*left, *stays), unused=unused)


def _always(mark: str, literal: str, language: Language) -> str:
    said = language.true if mark == YES else language.false if mark == NO else literal
    return f"here it is always {said} now: look whether that can go too"


def _literal(value: object, language: Language) -> str | None:
    """Return a value as the language writes it; None for one that it does not write in one word."""
    if isinstance(value, bool):
        return language.true if value else language.false
    if isinstance(value, int | float):
        return json.dumps(value)
    if isinstance(value, str) and re.fullmatch(r"[\w .:/+-]*", value):
        return f'"{value}"'
    return None


def _marked(call: FlagCall, reading: Reading, value: object) -> list[Edit] | str:
    """Return the edits that put a mark in a call's place, or why it has to stay."""
    kind = answers(call.name)
    if call.name in ("variation", "useFlag"):
        kind = "switch" if isinstance(value, bool) else "value"
    if not kind and call.name not in ("boolean", "Boolean"):
        return f"{call.name} answers more than the variant"
    if isinstance(value, bool) is not (kind == "switch"):
        return f"{call.name} does not answer what the flag's variants are"
    node, extra = _with_ends(call.node, reading)
    above = node.parent
    if isinstance(extra, str):
        return extra
    if above is not None and (why := _why_not(node, above, reading)):
        return why
    mark = SAID if not isinstance(value, bool) else YES if value else NO
    return [Edit(start=node.start, end=node.end, text=mark), *extra]


def _with_ends(node: Node, reading: Reading) -> tuple[Node, list[Edit] | str]:
    """Return the call with what only unpacks its answer; what else has to change, or why it has to stay."""
    language = reading.language
    while node.parent is not None:
        above = node.parent
        said = reading.text[above.start : above.end]
        if above.kind in _AWAITED or (above.kind == "try_expression" and said.endswith("?")):
            node = above
        elif (
            above.kind in ("field_expression", "member_access_expression")
            and above.parent is not None
            and (
                _SAFE_ENDS.search(reading.text[above.start : above.end] + "(")
                and above.parent.kind in language.calls
            )
        ):
            node = above.parent
        elif above.kind == "expression_list" and language.name == "go":
            return node, _of_several(above, reading)
        else:
            break
    return node, []


def _of_several(values: Node, reading: Reading) -> list[Edit] | str:
    """Return the edit that takes away a Go error nobody looks at."""
    assignment = values.parent
    if assignment is None or assignment.kind not in reading.language.assignments:
        return []
    names = assignment.field("left")
    if names is None or len(names.parts) == 1:
        return []
    if len(names.parts) == 2 and reading.said(names.parts[1]) == "_":
        return [Edit(start=names.start, end=names.end, text=reading.said(names.parts[0]))]
    return "its error is handled: take that out with it"


def _why_not(node: Node, above: Node, reading: Reading) -> str:
    """Return why a call cannot become its answer where it stands; "" when it can."""
    language = reading.language
    if above.kind in ("member_expression", "attribute", "selector_expression", "field_expression",
                      "navigation_expression", "member_access_expression"):  # fmt: skip
        return "something more is done with its answer"
    if above.kind == "let_condition":
        return "its answer is taken apart by a pattern"
    for up, child in node.above():
        if up.kind in language.functions or up.kind in language.blocks:
            return ""
        if up.kind in language.loops and up.field("body") is not child:
            return "a loop depends on it"
        if up.kind in language.cases or up.kind in language.switches:
            return "a case depends on it"
        if up.kind in language.ifs and up.field("initializer") is child:
            return "it is asked for in the head of an if"
    return ""
