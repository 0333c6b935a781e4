"""What a document says about the postmortem and about its words: template, deadlines, severities."""

from __future__ import annotations

import re

from andon.protocol.compiled import PostmortemSection, Prompt
from andon.protocol.document import Deadline, Document, Item, Node, Point, Prose, Section, Severity, title_of
from andon.protocol.words import deadlines_in, key_words, severities_in
from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_FIELD = re.compile(r"([^:?]{1,60}):\s*(.*)", re.DOTALL)
_JUST_THE_TEMPLATE = frozenset({"incident", "postmortem", "report", "templat"})
_ABOUT_POSTMORTEM = frozenset({"postmortem", "review"})


def mark_template(root: Section) -> Section:
    """Return the tree with the section that holds the postmortem's template marked as such.

    A section counts when its heading speaks of the postmortem and either says "template" or the section asks
    for something (fields or questions); the first that says "template" wins. The title of a document that is
    about more than the postmortem makes no template of the whole document.
    """
    candidates = [s for s in _sections(root) if "postmortem" in key_words(s.title) and not _is_title(root, s)]
    named = [s for s in candidates if "templat" in key_words(s.title)]
    chosen = next(iter([*named, *(s for s in candidates if _asks(s))]), None)
    return _with_role(root, chosen) if chosen is not None else root


def postmortem_of(root: Section) -> tuple[PostmortemSection, ...]:
    """Return the postmortem's sections with what each asks for, in order; () without a template."""
    template = next((s for s in _sections(root) if s.role == "template"), None)
    if template is None:
        return ()
    sections = [template, *_sections(template)]
    return tuple(
        PostmortemSection(title=s.title, prompts=prompts, file=s.file, line=s.line)
        for s in sections
        if (prompts := tuple(_prompts(s.nodes))) or (s is not template and s in template.nodes)
    )


def severities_of(lines: Iterable[tuple[int, str]], file: str) -> tuple[Severity, ...]:
    """Return each severity of the numbered lines once, with its word and the line that names it first."""
    found: dict[str, Severity] = {}
    for number, line in lines:
        for code, name in severities_in(line):
            known = found.get(code)
            if known is None:
                found[code] = Severity(code=code, name=name, file=file, line=number)
            elif name and not known.name:
                found[code] = replace(known, name=name)
    return tuple(found[code] for code in sorted(found))


def deadlines_of(document: Document) -> tuple[Deadline, ...]:
    """Return every "within so many hours" of the document, past incidents left out."""
    return tuple(
        Deadline(
            earliest=earliest,
            latest=latest,
            text=text,
            severities=codes,
            postmortem=bool(_ABOUT_POSTMORTEM & key_words(" ".join((*placed.titles, text)))),
            file=placed.node.file,
            line=placed.node.line,
        )
        for placed in document.walk()
        if (text := _told(placed.node))
        for earliest, latest, codes in deadlines_in(text)
    )


def _told(node: Node) -> str:
    return node.text if isinstance(node, Prose) and node.kind == "paragraph" else title_of(node)


def _sections(node: Node) -> Iterator[Section]:
    for child in node.nodes:
        if isinstance(child, Section) and child.role != "history":
            yield child
            yield from _sections(child)


def _is_title(root: Section, section: Section) -> bool:
    tops = [node for node in root.nodes if isinstance(node, Section)]
    alone = len(tops) == 1 and tops[0] is section
    return alone and not key_words(section.title) <= _JUST_THE_TEMPLATE


def _asks(section: Section) -> bool:
    parts = (section, *(node for node in section.nodes if isinstance(node, Section)))
    prompts = (prompt for part in parts for prompt in _prompts(part.nodes) if not prompt.box)
    return any(prompt.label or prompt.question.endswith("?") for prompt in prompts)


def _with_role(section: Section, chosen: Section) -> Section:
    if section is chosen:
        return replace(section, role="template")
    nodes = tuple(_with_role(n, chosen) if isinstance(n, Section) else n for n in section.nodes)
    return replace(section, nodes=nodes)


def _prompts(nodes: tuple[Node, ...]) -> Iterator[Prompt]:
    """The entries right under a heading: fields ("Label: question"), questions and boxes."""
    for node in nodes:
        if isinstance(node, Item) and node.box:
            yield Prompt(label=node.text, box=True, file=node.file, line=node.line)
        elif isinstance(node, Point | Item) and node.text:
            field = _FIELD.fullmatch(node.text)
            label, question = (field[1], field[2]) if field else ("", node.text)
            yield Prompt(label=label, question=question, file=node.file, line=node.line)
