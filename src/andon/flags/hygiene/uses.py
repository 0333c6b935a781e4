"""Where a text asks for a flag, by its grammar: the calls of the SDKs, with keys in constants and variables.

A constant of another file is told by its name (`FlagCall.by`), unless it is handed in.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from andon.flags.hygiene.sdk import (
    KEY_NAMES,
    is_asked_of_flags,
    is_distinct,
    is_of_client,
    is_written,
    speaks_of_flags,
)
from andon.flags.hygiene.tree import Node, parsed, tree_of
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ast_grep_py import Rule, SgNode

    from andon.flags.hygiene.languages import Language
    from andon.flags.hygiene.sdk import CallNames

_CALLED = re.compile(r"([A-Za-z_$][\w$]*)[?!]?\s*(?:<[^<>()]{0,80}>|::<[^()]{0,80}>)?\s*$")
_ARGUMENTS = ("argument_list", "arguments", "call_suffix", "value_arguments")
_WRAPPED = ("argument", "value_argument", "parenthesized_expression", "reference_expression")
_NAMED = ("pair", "keyword_argument")
_STRING = re.compile(r"^[a-zA-Z@$]{0,2}#{0,3}(\"\"\"|'''|\"|'|`)(.*?)\1#{0,3}$", re.DOTALL)
_OF_GO = ("Boolean", "String", "Int", "Float", "Object")
_CONSTANT = re.compile(r"[&$@]?((?:[\w$]+(?:\.|::|->|\?\.))*)([\w$]+)")
#: What a member of an enumeration has its key in.
_MEMBER_OF = re.compile(r"(?<=\w)\.(?:value|key|name|id)$")
_WORDS = re.compile(r"[\w$]+[?!]?")
#: What a key may be; anything else is a text, not the name of a flag.
_KEY = re.compile(r"[A-Za-z0-9][\w.:/-]{0,199}")


class FlagCall(Record):
    """One call that asks for a flag."""

    #: "" when the key is computed, or comes from elsewhere.
    key: str
    name: str
    line: int
    start: int
    end: int
    node: Node
    #: The constant that has the key, where this file does not say what it is.
    by: str = ""
    #: False for a call that only is one if its constant holds a flag's key.
    is_sure: bool = True


class _Asking(Record):
    """A call by a name that may ask for a flag, before it is judged."""

    name: str
    receiver: str
    given: list[Node]
    key: str
    by: str


class Reading(Record):
    """A text that was read by structure."""

    text: str
    language: Language
    root: Node
    calls: tuple[FlagCall, ...]
    #: Line starts.
    starts: tuple[int, ...]

    def line(self, offset: int) -> int:
        """Return the line of an offset, from 1."""
        return bisect_right(self.starts, offset)

    def said(self, node: Node) -> str:
        """Return a node's text."""
        return self.text[node.start : node.end]


def read_calls(
    text: str,
    language: Language,
    names: CallNames,
    defined: Collection[str] = (),
    *,
    whole: bool = False,
    calls_only: bool = False,
    known: Mapping[str, str] | None = None,
) -> Reading | None:
    """Return a text with the calls that ask for a flag; None for one that cannot be read by structure.

    The tree is only made of the whole text where it is needed: for keys in constants, for several flags that
    may be inside one another, or when `whole` asks for it. Else it is the tree of a single call. `known` has
    the keys behind constants of other files. `calls_only` is enough for tests, whose branches nobody judges.
    """
    source = parsed(text, language)
    if source is None:
        return None
    starts = (0, *(found.end() for found in re.finditer("\n", text)))
    if not whole:
        few = _few(source, text, language, names, defined, starts, calls_only=calls_only)
        if few is not None:
            return few
    root = tree_of(source, language)
    if root is None:
        return None
    calls = [node for node in root.each() if node.kind in language.calls]
    found: list[FlagCall] = []
    constants: dict[str, str] | None = None
    for node in calls:
        name, receiver, given = _called(node, text)
        if not name or not names.strength(name):
            continue
        if constants is None:
            constants = {**(known or {}), **_constants(root, text, language)}
        key = _key(given, text, language, constants)
        by = "" if key else _constant(given, text, language)
        asking = _Asking(name=name, receiver=receiver, given=given, key=key, by=by)
        call = _call(node, asking, language, names, defined, text, starts)
        if call is not None:
            found.append(call)
    return Reading(text=text, language=language, root=root, calls=tuple(found), starts=starts)


def _few(
    source: SgNode,
    text: str,
    language: Language,
    names: CallNames,
    defined: Collection[str],
    starts: tuple[int, ...],
    *,
    calls_only: bool,
) -> Reading | None:
    """Return the reading of a text that asks for one flag, or none, by plain texts; None for any other.

    `calls_only`: of any text, as nobody asks which flags are inside others; a constant is not looked up.
    """
    kinds: list[Rule] = [{"kind": kind} for kind in language.calls]
    found: list[FlagCall] = []
    root: Node | None = None
    for node in source.find_all(any=kinds):
        start = node.range().start.index
        # A call in a chain begins with the calls before it: `OpenFeature.getClient().getNumberValue(...)`.
        head = text[start : max(start + 400, _arguments_of(node))]
        if not any(names.strength(word.rstrip("?!")) for word in _WORDS.findall(head)):
            continue
        tree = tree_of(node, language)
        if tree is None:
            return None
        name, receiver, given = _called(tree, text)
        if not name or not names.strength(name):
            continue
        key = _key(given, text, language, {})
        by = "" if key else _constant(given, text, language)
        if not key and given and not calls_only and (not by or _is_given_here(by, text)):
            return None
        asking = _Asking(name=name, receiver=receiver, given=given, key=key, by=by)
        call = _call(tree, asking, language, names, defined, text, starts)
        if call is not None:
            found.append(call)
            root = tree
        if not calls_only and len({one.key or one.by for one in found}) > 1:
            return None
    root = root or Node("", 0, 0, True, None)
    return Reading(text=text, language=language, root=root, calls=tuple(found), starts=starts)


def _arguments_of(node: SgNode) -> int:
    """Return where the arguments of a call begin; where it begins, for a call without any."""
    last = node.children()[-1:]
    return last[0].range().start.index if last and last[0].kind() in _ARGUMENTS else node.range().start.index


def _call(
    node: Node,
    asking: _Asking,
    language: Language,
    names: CallNames,
    defined: Collection[str],
    text: str,
    starts: tuple[int, ...],
) -> FlagCall | None:
    """Return the call when it asks for a flag, or does if its constant has a flag's key; else None."""
    name, given, by = asking.name, asking.given, asking.by
    is_sure = _counts(asking, language, names, defined, text)
    if not is_sure:
        first = text[given[0].start : given[0].end][:200] if given else ""
        may_be = by and (name in names.own or is_written(name, language.name))
        if not may_be or not is_asked_of_flags(f"{asking.receiver} {first}"):
            return None
    return FlagCall(
        key=asking.key,
        name=name,
        line=bisect_right(starts, node.start),
        start=node.start,
        end=node.end,
        node=node,
        by=by,
        is_sure=is_sure,
    )


def _is_given_here(name: str, text: str) -> bool:
    """True unless a text surely gives a name no value: then what it stands for is in another file."""
    return bool(
        re.search(rf"(?<![\w$]){re.escape(name)}(?![\w$])(?:\s+[\w.]+)?\s*(?::(?!:)|=(?![=>])|=>|\()", text)
    )


def _constant(given: list[Node], text: str, language: Language) -> str:
    """Return the name of the constant that is handed over as a key, "" for anything else.

    `Keys.NEW_PRICING`, `Flags::NewPricing`, `NEW_PRICING`: it, or what it belongs to, is written large.
    """
    for one in given[: 2 if language.name in ("go", "rust") else 1]:
        said = text[one.start : one.end]
        match = _CONSTANT.fullmatch(said.rpartition(":" if language.name == "ruby" else "=")[2].strip())
        match = match or _CONSTANT.fullmatch(said.strip())
        if match and (inner := _CONSTANT.fullmatch(_MEMBER_OF.sub("", match[0]))) and inner[2][:1].isupper():
            match = inner
        if match and (match[2][:1].isupper() or (match[1] or "")[:1].isupper()):
            return match[2]
    return ""


def _counts(
    asking: _Asking,
    language: Language,
    names: CallNames,
    defined: Collection[str],
    text: str,
) -> bool:
    """True when a call of this name asks for a flag, and not for something else."""
    name, receiver, given, key = asking.name, asking.receiver, asking.given, asking.key
    if name in names.own:
        return bool(key) or is_of_client(receiver or name)
    if not is_written(name, language.name):
        return False
    if language.name == "go" and name in _OF_GO:
        # `client.Boolean(ctx, key, default, context)`; with less it declares a word of a command.
        return len(given) == 4 and bool(key)
    is_sure = names.strength(name) == "sure"
    if not key:  # it is only told that nobody knows which flag: of a client of flags, not of a parser of JSON
        return is_sure and is_of_client(receiver or name)
    if key in defined:
        return True
    if not is_sure:
        return is_asked_of_flags(receiver or name)
    if language.name == "go" and len(given) == 4:
        return True
    if len(given) < 2:
        return False  # a flag is asked for with what counts when nobody answers
    return is_distinct(name) or is_of_client(receiver) or speaks_of_flags(text)


def _called(node: Node, text: str) -> tuple[str, str, list[Node]]:
    """Return a call's name, what it is asked of, and its arguments."""
    arguments = next((child for child in node.children if child.kind in _ARGUMENTS), None)
    if arguments is None:
        return "", "", []
    head = text[max(node.start, arguments.start - 400) : arguments.start]
    match = _CALLED.search(head)
    if match is None:
        return "", "", []
    given = arguments.parts
    if arguments.kind == "call_suffix":
        inner = next((child for child in given if child.kind == "value_arguments"), None)
        given = inner.parts if inner else []
    return match[1], head[: match.start()], given


def _key(given: list[Node], text: str, language: Language, constants: dict[str, str]) -> str:
    """Return the key among the arguments: the named one, else the first string, else a constant."""
    named, plain = [], []
    for one in given:
        head = text[one.start : one.start + 40]
        match = re.match(r"(?::)?(\w+)\s*(?::(?!:)|=>|=(?!=))", head) if _may_be_named(one) else None
        if match and match[1] in KEY_NAMES:
            named.append(one)
        elif not match:
            plain.append(one)
    for one in named:
        value = one.parts[-1] if one.parts else one
        return _string_of(value, text, language) or constants.get(_name_in(text[value.start : value.end]), "")
    # Before the key stands at most a context, and that in Go and Rust only.
    first = plain[: 2 if language.name in ("go", "rust") else 1]
    for one in first:
        found = _string_of(one, text, language)
        if found is not None:
            return found
    for one in first:
        if known := constants.get(_name_in(text[one.start : one.end])):
            return known
    return ""


def _may_be_named(node: Node) -> bool:
    return node.kind in (*_NAMED, *_WRAPPED)


def _name_in(said: str) -> str:
    """Return the last name of `Keys.NEW_PRICING`, `self::NEW_PRICING` or `&NEW_PRICING`."""
    match = re.fullmatch(r"[&$@]?(?:[\w$]+(?:\.|::|->|\?\.))*([\w$]+)", said.strip())
    return match[1] if match else ""


def _string_of(node: Node, text: str, language: Language) -> str | None:
    """Return the plain text of a string, "" for one that is computed or no key, None for no string."""
    while node.kind in _WRAPPED and node.parts:
        node = node.parts[-1]
    said = text[node.start : node.end]
    if node.kind == "simple_symbol":
        return said.lstrip(":")
    if node.kind not in language.strings:
        if node.kind in ("binary_expression", "binary_operator", "interpolated_string_expression", "binary"):
            return ""  # put together from pieces
        return None
    if any(child.kind in language.computed for child in node.children):
        return ""
    match = _STRING.match(said)
    return match[2] if match and _KEY.fullmatch(match[2]) else ""


def assigned(node: Node) -> tuple[Node, Node] | None:
    """Return the name and the value of an assignment; None for one of several names or without a value."""
    name = node.field("left", "name", "pattern")
    value = node.field("right", "value")
    parts = node.parts
    if name is None and parts:
        name = next((p for p in parts if "modifier" not in p.kind and p.kind != "binding_pattern_kind"), None)
        if name is not None and name.kind in ("variable_declaration", "directly_assignable_expression"):
            name = next(iter(name.parts), name)
    if value is None and len(parts) > 1 and parts[-1] is not name:
        last = parts[-1]
        value = last if "type" not in last.kind and last.kind != "variable_declaration" else None
    if name is None or value is None:
        return None
    if name.kind == "expression_list":  # Go: `on, err := ...`
        name = next(iter(name.parts), name)
    if value.kind == "expression_list" and len(value.parts) == 1:
        value = value.parts[0]
    return name, value


def _constants(root: Node, text: str, language: Language) -> dict[str, str]:
    """Return the names that stand for one plain string in the whole text."""
    found: dict[str, str] = {}
    for node in root.each():
        if node.kind not in (*language.assignments, "pair", "enum_variant_value"):
            continue
        parts = assigned(node) if node.kind != "pair" else _pair(node)
        if parts is None:
            continue
        name = _name_in(text[parts[0].start : parts[0].end])
        value = _string_of(parts[1], text, language)
        if not name or value is None:
            continue
        found[name] = value if found.get(name, value) == value else ""
    return found


def _pair(node: Node) -> tuple[Node, Node] | None:
    return (node.parts[0], node.parts[1]) if len(node.parts) == 2 else None
