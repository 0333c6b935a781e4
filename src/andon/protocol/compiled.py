"""The flat protocol an incident adopts when it is declared: items, policy, deadlines, postmortem sections.

Every command that folds an incident imports this, so it imports nothing; how a document becomes one of
these is in `andon.protocol.compile`.
"""

from __future__ import annotations

from andon.errors import InvalidInput
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: The parts of a protocol an item can belong to, in the order an incident meets them.
PHASES = ("declare", "assess", "choose", "policy", "act", "review", "gap", "prevention", "template")

#: The responses an item can be limited to.
WHEN = ("always", "rollback", "hotfix", "kill-switch", "gap", "review")


class ProtocolItem(Record):
    """One line of the protocol that the machine checks or a person signs."""

    #: Unique in its protocol: the explicit check id, or the section's short name and a number (`s1.2`).
    key: str
    text: str
    #: Titles from the outermost heading to the step that holds the item.
    section: tuple[str, ...] = ()
    #: One of PHASES.
    phase: str = "act"
    #: Line in the source, from 1.
    line: int = 0
    #: The id of the check it binds to, or "".
    check: str = ""
    #: The named kind of a manual check (judgement, record, analysis, follow-up), or "".
    manual: str = ""
    #: Its number in an ordered list, or 0.
    ordered: int = 0
    #: One of WHEN: the response in which it applies.
    when: str = "always"


class Prompt(Record):
    """One thing the postmortem asks for: a labelled field, a bare question, or a box to tick."""

    label: str = ""
    question: str = ""
    box: bool = False
    file: str = ""
    line: int = 0


class PostmortemSection(Record):
    """A heading of the postmortem and what it asks for."""

    title: str
    prompts: tuple[Prompt, ...] = ()
    file: str = ""
    line: int = 0


class PolicyLine(Record):
    """One line of what is allowed, required or forbidden in a gear."""

    #: EXPLORE, BUILD, SHIP or HOTFIX.
    gear: str
    #: allowed, required or forbidden.
    kind: str
    text: str
    #: Line in the source, from 1.
    line: int = 0
    #: The check of the catalogue that answers for it, or "".
    check: str = ""
    #: The gate rule that answers for it, or "".
    rule: str = ""


class CompiledProtocol(Record):
    """A whole protocol, ready to be adopted by an incident."""

    title: str
    #: The file it was read from.
    source: str
    #: Content hash of the file, given by whoever read it.
    digest: str
    #: `gears` or `levels`: which words the document uses.
    vocabulary: str
    items: tuple[ProtocolItem, ...]
    #: What HOTFIX allows, requires and forbids, as an incident adopts it.
    allowed: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    #: The same for every gear that the document has lists for, with their lines.
    policies: tuple[PolicyLine, ...] = ()
    #: Hours after mitigation within which the postmortem is due.
    postmortem_hours_p0: int = 24
    postmortem_hours_p1: int = 48
    sections: tuple[PostmortemSection, ...] = ()

    def policy(self, gear: str) -> tuple[PolicyLine, ...]:
        """Return what the document says about a gear, in its order; () when it says nothing."""
        return tuple(line for line in self.policies if line.gear == gear)

    def to_json(self) -> dict[str, Any]:
        """Return plain dictionaries, lists, texts and numbers; `from_json` is the inverse."""
        data: dict[str, Any] = {f: getattr(self, f) for f in self.__fields__}
        for lines in ("allowed", "required", "forbidden"):
            data[lines] = list(data[lines])
        data["policies"] = [_fields(line) for line in self.policies]
        data["items"] = [{**_fields(item), "section": list(item.section)} for item in self.items]
        data["sections"] = [
            {**_fields(section), "prompts": [_fields(p) for p in section.prompts]}
            for section in self.sections
        ]
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> CompiledProtocol:
        """Rebuild what `to_json` returned; raises InvalidInput when it is not that."""
        try:
            given = {**data}
            for lines in ("allowed", "required", "forbidden"):
                given[lines] = tuple(given.get(lines, ()))
            given["policies"] = tuple(PolicyLine(**line) for line in data.get("policies", ()))
            given["items"] = tuple(
                ProtocolItem(**{**item, "section": tuple(item.get("section", ()))}) for item in data["items"]
            )
            given["sections"] = tuple(_section(section) for section in data.get("sections", ()))
            return cls(**given)
        except (AttributeError, KeyError, TypeError, ValueError) as problem:
            raise InvalidInput(
                f"this is not a compiled protocol: {problem}",
                rule="compiled-protocol",
                remedy="read the protocol again from its Markdown file: andon protocol show FILE",
            ) from problem


def _fields(record: Record) -> dict[str, Any]:
    return {field: getattr(record, field) for field in record.__fields__}


def _section(data: dict[str, Any]) -> PostmortemSection:
    return PostmortemSection(**{**data, "prompts": tuple(Prompt(**prompt) for prompt in data["prompts"])})
