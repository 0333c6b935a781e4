"""Sees options, policy, practices and decision rules in lists, by the label that stands above them."""

from __future__ import annotations

import re
from itertools import takewhile

from andon.protocol.document import (
    AuthorityRule,
    Item,
    Node,
    Option,
    Point,
    Policy,
    Practices,
    Prose,
    Rule,
    Section,
)
from andon.protocol.words import LONGEST_LABEL, gears_told, key_words, plain, without_gears
from andon.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TypeGuard, TypeVar

    N = TypeVar("N", bound=Node)

_OPTION = re.compile(r"option\s+([a-z]|[0-9]{1,2})\b\s*[:.)–—-]?\s*(.*)", re.IGNORECASE)
_POLICIES = (
    ("allowed", re.compile(r"(?:allowed|permitted|acceptable|may be skipped|you may)\b", re.IGNORECASE)),
    ("forbidden", re.compile(r"(?:forbidden|prohibited|banned|not allowed|never|must not)\b", re.IGNORECASE)),
    ("required", re.compile(r"(?:required|mandatory|must)\b", re.IGNORECASE)),
)
#: A gear in front of such a label ("L2 SHIP: required", "In BUILD, forbidden:", "SHIP requires").
_GEAR_FIRST = re.compile(
    r"(?:(?:during|in|under|while in)\s+)?(?:(?:execution\s+)?gear\s*[:=]?\s*|process\s+level\s*[:=]?\s*)?"
    r"(?:l[0-3]\b\s*)?(?:(?:explore|build|ship|hotfix)\b)?\s*[:,–—-]?\s*",
    re.IGNORECASE,
)
_GEAR_VERBS = (
    ("allowed", re.compile(r"allows\b", re.IGNORECASE)),
    ("forbidden", re.compile(r"forbids\b", re.IGNORECASE)),
    ("required", re.compile(r"requires\b", re.IGNORECASE)),
)
_PRACTICES = (
    ("do", re.compile(r"do(?:['’]?s)?", re.IGNORECASE)),
    ("dont", re.compile(r"don['’]?t['’]?s?|do not", re.IGNORECASE)),
)
_CONDITION = re.compile(r"(?:only )?(?:if|when|unless)\b", re.IGNORECASE)
_IF = re.compile(r"if\s+", re.IGNORECASE)
_SEPARATORS = tuple(
    re.compile(pattern, re.IGNORECASE) for pattern in (r"\s*:\s+", r"\s*(?:->|→)\s*", r"\s+then\s+", r",\s+")
)
_DECIDING = frozenset({"decid", "decision", "authorit", "authority"})
_RESPONSES = (
    ("rollback", frozenset({"rollback"})),
    ("kill-switch", frozenset({"flag", "kill", "disabl"})),
    ("hotfix", frozenset({"hotfix", "fix", "patch"})),
)


def recognise(root: Section) -> Section:
    """Return the tree with labelled lists replaced by what they mean; every text stays in it."""
    return _seen(root, _Place())


def response_of(text: str) -> str:
    """Return the response `text` speaks of: rollback, kill-switch, hotfix, or "" for none or several.

    The gear HOTFIX is not the response of that name and does not count.
    """
    words = key_words(without_gears(text))
    named = [response for response, signs in _RESPONSES if signs & words]
    return named[0] if len(named) == 1 else ""


class _Place(Record):
    """What the headings above say."""

    #: True below a heading about deciding.
    is_deciding: bool = False
    #: The gears that the nearest heading with a gear names.
    gears: tuple[str, ...] = ()

    def below(self, title: str) -> _Place:
        """Return what holds below a heading."""
        deciding = self.is_deciding or bool(_DECIDING & key_words(title))
        return _Place(is_deciding=deciding, gears=gears_told(title) or self.gears)


def _seen(node: N, place: _Place) -> N:
    if not node.nodes:
        return node
    nodes: Sequence[Node] = node.nodes
    if isinstance(node, Section):
        place = place.below(node.title)
        nodes = _under_title(node, place)
    return replace(node, nodes=tuple(_sequence(nodes, place)))


def _sequence(nodes: Sequence[Node], place: _Place) -> Iterator[Node]:
    at = 0
    while at < len(nodes):
        node = nodes[at]
        at += 1
        made: Node | None = None
        if isinstance(node, Prose) and node.kind == "paragraph":
            entries = _entries(nodes, at)
            made = _labelled(plain(node.text), node, entries, place)
            at += len(entries) if made else 0
        elif isinstance(node, Point):
            made = _labelled(node.text, node, node.nodes, place)
            made = made or (_authority(node) if place.is_deciding else None)
        yield made or _seen(node, place)


def _entries(nodes: Sequence[Node], start: int) -> list[Node]:
    """The entries of the list that begins at `start`, none when no list does."""
    rest = (nodes[at] for at in range(start, len(nodes)))
    return list(takewhile(lambda node: isinstance(node, Item | Point), rest))


def _under_title(section: Section, place: _Place) -> Sequence[Node]:
    """A heading is a label too: for the first list under it."""
    nodes = section.nodes
    start = next((i for i, node in enumerate(nodes) if isinstance(node, Item | Point | Section)), len(nodes))
    entries = _entries(nodes, start)
    made = _labelled(section.title, entries[0], entries, place) if entries else None
    return (*nodes[:start], made, *nodes[start + len(entries) :]) if made else nodes


def _labelled(label: str, own: Node, entries: Sequence[Node], place: _Place) -> Node | None:
    """What a list under this label is, or None for just a list; `own` gives the lines of the label."""
    label = label.strip(" :>")
    if not entries or len(label) > LONGEST_LABEL:
        return None
    option = _OPTION.fullmatch(label)
    if option:
        return Option(
            file=own.file,
            line=own.line,
            end_line=own.end_line,
            nodes=tuple(_rule(entry) for entry in entries),
            title=option[2],
            letter=option[1].upper(),
            response=response_of(option[2]),
        )
    practice = next((kind for kind, pattern in _PRACTICES if pattern.fullmatch(label)), "")
    policy = "" if practice else _policy_kind(label)
    if not practice and not policy:
        return None
    nodes = tuple(_sequence(entries, replace(place, is_deciding=False)))
    if practice:
        return Practices(
            file=own.file, line=own.line, end_line=own.end_line, nodes=nodes, title=label, kind=practice
        )
    return Policy(
        file=own.file,
        line=own.line,
        end_line=own.end_line,
        nodes=nodes,
        title=label,
        kind=policy,
        named_gears=gears_told(label) or place.gears,
    )


def _policy_kind(label: str) -> str:
    """What a list under this label is: allowed, required, forbidden, or ""."""
    kind = next((kind for kind, pattern in _POLICIES if pattern.match(label)), "")
    if kind or not gears_told(label):
        return kind
    begin = _GEAR_FIRST.match(label)
    rest = label[begin.end() :] if begin else label
    return next((kind for kind, pattern in (*_POLICIES, *_GEAR_VERBS) if pattern.match(rest)), "")


def _rule(entry: Node) -> Node:
    """An entry of an option: a condition, or what else is written there."""
    if _is_plain_line(entry) and _CONDITION.match(entry.text):
        return Rule(
            file=entry.file, line=entry.line, end_line=entry.end_line, nodes=entry.nodes, text=entry.text
        )
    return _seen(entry, _Place())


def _is_plain_line(entry: Node) -> TypeGuard[Point | Item]:
    return isinstance(entry, Point) or (isinstance(entry, Item) and not entry.box)


def _authority(point: Point) -> AuthorityRule | None:
    """Read "If <condition>: <who> decides" in any of its usual punctuations."""
    begin = _IF.match(point.text)
    if begin is None:
        return None
    for separator in _SEPARATORS:
        found = separator.search(point.text, begin.end())
        if found and found.end() < len(point.text):
            return AuthorityRule(
                file=point.file,
                line=point.line,
                end_line=point.end_line,
                nodes=point.nodes,
                text=point.text,
                condition=point.text[begin.end() : found.start()],
                decider=point.text[found.end() :],
            )
    return None
