"""What a person still has to write before a postmortem can be published. It asks for substance, not style."""

from __future__ import annotations

import re

from andon.record import Record
from andon.review.outline import is_closed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.review.postmortem import Field, Postmortem

#: A text with fewer words says nothing that a reader could use next month.
FEWEST_WORDS = 3

_PLACEHOLDER = re.compile(
    r"\W*(?:todo|tbd|tba|tbc|fixme|wip|xxx+|to (?:write|do|be (?:written|done|decided|determined|added))"
    r"|write me|fill (?:me )?in|placeholder|lorem ipsum|\.\.\.+|\?+)\b",
    re.IGNORECASE,
)
_NOT_APPLICABLE = re.compile(
    r"\W*(?:n/?a|none|nothing|no|nil|not applicable|unknown|not known|nobody knows|-+)\W*", re.IGNORECASE
)
_DENSE = re.compile("[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_SCOPE = re.compile(
    r"\d|%|\b(?:all|any|anyone|every\w*|each|no|none|nobody|nothing|both|some|few|fewer|most|many|several|half|third|quarter"
    r"|only|single|one|two|three|dozens?|hundreds?|thousands?|millions?|unknown|internal|staff|customers?|users?"
    r"|visitors?|tenants?|accounts?|orders?|requests?|region|country)\b",
    re.IGNORECASE,
)


class Missing(Record):
    """Something that is not written yet, or does not say enough."""

    #: The field, or `follow-up/<action>` and `skipped/<item>`.
    key: str
    question: str
    why: str
    #: The command that fills it in.
    remedy: str

    def __str__(self) -> str:
        """One line: where and why."""
        return f"{self.key}: {self.why}"


def missing(postmortem: Postmortem) -> tuple[Missing, ...]:
    """Return what is missing, in the order of the document; empty when it can be published."""
    found = []
    for field in postmortem.fields:
        why = _complain(field)
        if why:
            remedy = f'andon postmortem edit --set {field.key}="..."'
            found.append(Missing(key=field.key, question=field.question, why=why, remedy=remedy))
    return (*found, *_skipped(postmortem), *_follow_up(postmortem))


def complain(text: str, fewest: int = FEWEST_WORDS) -> str:
    """Return why `text` says too little, "" when it says something in at least `fewest` words."""
    if not text.strip():
        return "nobody has written it"
    if _PLACEHOLDER.match(text) and word_count(text) < 8:
        return "it is still a placeholder"
    if _NOT_APPLICABLE.fullmatch(text):
        return "say why it does not apply"
    if word_count(text) < fewest:
        return f"it is shorter than {fewest} words"
    if not is_closed(text):
        return "a code block or comment in it is never closed"
    return ""


def word_count(text: str) -> int:
    """Return how many words `text` has; two characters of a script without spaces count as one."""
    return len(re.findall(r"\w+", _DENSE.sub(" ", text))) + len(_DENSE.findall(text)) // 2


def _complain(field: Field) -> str:
    if field.optional:
        return "a code block or comment in it is never closed" if not is_closed(field.text) else ""
    if not field.text:
        return "" if field.value else "nobody has written it"
    why = complain(field.text)
    if not why and field.key == "summary/user-impact" and not _SCOPE.search(field.text):
        return "it does not say how many or who"
    return why


def _skipped(postmortem: Postmortem) -> tuple[Missing, ...]:
    known = {action.id for action in postmortem.actions}
    return tuple(
        Missing(
            key=f"skipped/{shortcut.item}",
            question="What pays this shortcut back?",
            why=f"its follow-up {shortcut.action or '(none)'} does not exist",
            remedy='andon actions add "Do what was skipped" --origin ' + f"shortcut:{shortcut.item}",
        )
        for shortcut in postmortem.shortcuts
        if shortcut.action not in known
        and not any(a.origin == f"shortcut:{shortcut.item}" for a in postmortem.actions)
    )


def _follow_up(postmortem: Postmortem) -> tuple[Missing, ...]:
    if not postmortem.worst_severity.is_emergency:
        return ()
    remarks = postmortem.find("follow-up/remarks")
    if not postmortem.actions and not (remarks and not complain(remarks.text)):
        return (
            Missing(
                key="follow-up/remarks",
                question="What keeps this from happening again?",
                why="there is no follow-up action, and no word on why none is needed",
                remedy='andon actions add "what is to be done" --owner NAME --due YYYY-MM-DD',
            ),
        )
    found = []
    for action in postmortem.actions:
        lacks = [n for n, given in (("owner", action.owner), ("due date", action.due_at)) if not given]
        if action.state == "open" and lacks:
            found.append(
                Missing(
                    key=f"follow-up/{action.id}",
                    question="Who does it, until when?",
                    why=f"it has no {' and no '.join(lacks)}: {action.title}",
                    remedy=f"andon actions assign {action.id} --owner NAME --due YYYY-MM-DD",
                )
            )
    return tuple(found)
