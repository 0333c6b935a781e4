"""A document to the flat protocol an incident adopts when it is declared."""

from __future__ import annotations

import re

from andon.protocol.bind import Binding, How, bind, candidates_for
from andon.protocol.catalogue import CATALOGUE
from andon.protocol.compiled import CompiledProtocol, PolicyLine, ProtocolItem
from andon.protocol.document import Document, Item, Placed, Point, Policy, Section, title_of
from andon.protocol.gate_words import RULE_OF_CHECK, RULES, rule_for
from andon.protocol.place import phase_of, when_of
from andon.protocol.words import key_words, without_gears

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: When the document sets no deadline for the postmortem: hours after mitigation of a P0 and of a P1.
DEFAULT_HOURS = (24, 48)

_STEP = re.compile(r"step\s+([0-9]{1,2})\b", re.IGNORECASE)
_ID = re.compile(r"\s*\{#([^\s{}]+)\}\s*$")
_SLUG = re.compile(r"[a-z0-9]+")
_SAYS_LITTLE = frozenset(
    {"what", "when", "why", "who", "checklist", "section", "incident", "incidents", "during"}
)


def compile_protocol(document: Document, digest: str = "") -> CompiledProtocol:
    """Return the items, policy, deadlines and postmortem sections of `document`, ready to be adopted.

    `digest` is the content hash of the file, from whoever read it. A document without a postmortem template
    gives no sections; the built-in protocol's serve then.
    """
    hours_p0, hours_p1 = postmortem_hours(document)
    policies = policies_of(document)
    return CompiledProtocol(
        title=document.title or document.file,
        source=document.file,
        digest=digest,
        vocabulary=document.vocabulary,
        items=_items(bind(document)),
        allowed=_in_hotfix(policies, "allowed"),
        required=_in_hotfix(policies, "required"),
        forbidden=_in_hotfix(policies, "forbidden"),
        policies=policies,
        postmortem_hours_p0=hours_p0,
        postmortem_hours_p1=hours_p1,
        sections=document.postmortem,
    )


def postmortem_hours(document: Document) -> tuple[int, int]:
    """Return the hours after which the postmortem of a P0 and of a P1 is due.

    A limit that names one severity is for that one; otherwise the earlier end of a range is for P0 and the
    later one for P1. Where the document gives several limits, the first counts.
    """
    hours: dict[str, int] = {}
    for limit in document.deadlines:
        if not limit.postmortem:
            continue
        codes = [code for code in ("P0", "P1") if code in limit.severities]
        for code in codes if len(codes) == 1 else ("P0", "P1"):
            hours.setdefault(code, limit.earliest if code == "P0" else limit.latest)
    return hours.get("P0", DEFAULT_HOURS[0]), hours.get("P1", DEFAULT_HOURS[1])


def _items(bindings: tuple[Binding, ...]) -> tuple[ProtocolItem, ...]:
    return tuple(_item(binding, key) for binding, key in zip(bindings, _keys(bindings), strict=True))


def _item(binding: Binding, key: str) -> ProtocolItem:
    item, check = binding.item, binding.check
    phase = phase_of(binding.placed, check.phase if check else "act")
    when = when_of(binding.placed, phase)
    if phase == "act" and check and (check.is_afterwards or check.manual == "follow-up"):
        phase = "prevention"
    manual = "judgement" if binding.is_deliberately_manual else ""
    return ProtocolItem(
        key=key,
        text=item.text,
        section=binding.placed.titles,
        phase=phase,
        line=item.line,
        check=check.id if check else "",
        manual=check.manual if check else manual,
        ordered=item.ordered,
        when=when,
    )


def _keys(bindings: tuple[Binding, ...]) -> Iterator[str]:
    """The explicit id where there is one, else the section's short name and a number; never one twice."""
    used: dict[str, int] = {}
    for binding in bindings:
        explicit = binding.how is How.EXPLICIT and binding.check is not None
        stem = binding.item.check_id if explicit else _short_name(binding.placed)
        used[stem] = number = used.get(stem, 0) + 1
        yield stem if explicit and number == 1 else f"{stem}.{number}"


def _short_name(placed: Placed) -> str:
    """`s2` below a heading "Step 2", else the first telling word of the nearest heading."""
    for heading in (node.title for node in reversed(placed.above) if isinstance(node, Section)):
        step = _STEP.match(heading)
        if step:
            return f"s{step[1]}"
        for word in _SLUG.findall(without_gears(heading)):
            if len(word) > 2 and key_words(word) and word not in _SAYS_LITTLE:
                return str(word)
    return "item"


def policies_of(document: Document) -> tuple[PolicyLine, ...]:
    """Return what the document allows, requires and forbids in each gear, with what answers for each line."""
    return tuple(
        policy_line(placed, entry, gear)
        for placed in document.walk()
        if isinstance(policy := placed.node, Policy)
        for gear in policy.gears
        for entry in policy.nodes
        if isinstance(entry, Item | Point) and entry.text
    )


def policy_line(placed: Placed, entry: Item | Point, gear: str) -> PolicyLine:
    """Return an entry of the policy that stands at `placed`, as it holds in a gear."""
    policy = placed.node
    kind = policy.kind if isinstance(policy, Policy) else ""
    text, named = _explicit(entry)
    check = named if named in CATALOGUE else ""
    rule = named if named in RULES else RULE_OF_CHECK.get(check, "")
    if not named and kind == "required":
        fitting = candidates_for(text, (*placed.titles, title_of(policy)))
        check = fitting[0] if len(fitting) == 1 else ""
        rule = RULE_OF_CHECK.get(check, "")
    if not named and not check and kind != "allowed":
        rule = rule_for(text)
    return PolicyLine(gear=gear, kind=kind, text=text, line=entry.line, check=check, rule=rule)


def explicit_id(entry: Item | Point) -> str:
    """Return the `{#id}` of an entry of a list, "" for none."""
    return _explicit(entry)[1]


def _explicit(entry: Item | Point) -> tuple[str, str]:
    """Return the text and the explicit id of an entry, "" for none."""
    if isinstance(entry, Item):
        return entry.text, entry.check_id
    found = _ID.search(entry.text)
    return (entry.text[: found.start()], found[1]) if found else (entry.text, "")


def _in_hotfix(policies: tuple[PolicyLine, ...], kind: str) -> tuple[str, ...]:
    return tuple(line.text for line in policies if line.kind == kind and line.gear == "HOTFIX")
