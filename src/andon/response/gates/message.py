"""The message of a commit as git will keep it, and which incident it names."""

from __future__ import annotations

import re

from andon.response.gates.results import Objection, at_most, failed, passed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.response.gates.results import RuleResult

#: What git writes above the diff of `commit --verbose`; everything from there on is cut.
_SCISSORS = re.compile(r"^(\S+) -{20,} >8 -{20,}$", re.MULTILINE)
_INCIDENT = re.compile(r"(?<![A-Za-z0-9-])INC-(\d+)(?![0-9])", re.IGNORECASE)
_ASSUMED = re.compile(r"hotfix/(INC-\d+)(?:[-/_.].*)?", re.IGNORECASE)
#: The ways of tidying in which git leaves lines with the comment character alone.
_KEEPS_COMMENTS = ("verbatim", "whitespace", "scissors")


def kept(raw: bytes, *, comment: str = "#", cleanup: str = "") -> str:
    """Return the message without what git takes out: comments, and everything below the scissors.

    `comment` is core.commentChar or core.commentString, `auto` included; `cleanup` is commit.cleanup. Where
    it cannot be known whether a comment stays (`-m` keeps it), it is left out: what must be said is said
    outside of comments. Bytes that are not UTF-8 are spelled as `\\\\xNN`.
    """
    text = raw.decode("utf-8", "backslashreplace").replace("\r\n", "\n")
    mark = comment if comment and comment != "auto" else ""
    cut = _SCISSORS.search(text)
    if cut is not None and cleanup != "verbatim" and (not mark or cut.group(1) == mark):
        mark = mark or cut.group(1)
        text = text[: cut.start()]
    if cleanup not in _KEEPS_COMMENTS:
        mark = mark or _guessed(text)
        text = "\n".join(line for line in text.split("\n") if not line.startswith(mark))
    return "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")


def _guessed(text: str) -> str:
    """Return the comment character that git chose by itself: that of the last line, one it may choose."""
    last = text.rstrip("\n").rpartition("\n")[2]
    return last[:1] if last[:1] in ("#", ";", "@", "!", "$", "%", "^", "&", "|", ":") and last else "#"


def names(message: str, incident: str) -> bool:
    """True when a message names this incident: INC-7, in any case, not as a part of another word."""
    return any(f"INC-{found.group(1)}" == incident.upper() for found in _INCIDENT.finditer(message))


def incident_of(branch: str) -> str:
    """Return the incident that a branch is called after, as `andon hotfix start` calls them; "" for none."""
    found = _ASSUMED.fullmatch(branch)
    return found.group(1).upper() if found else ""


def judge_messages(incident: str, messages: Sequence[tuple[str, str]]) -> RuleResult:
    """Return whether each message, given with its commit ("" for one being made), names the incident."""
    rule = "names-incident"
    missing = [(commit, message) for commit, message in messages if not names(message, incident)]
    if not missing:
        return passed(rule, f"{incident} is named" if messages else "no message to look at")
    found = tuple(_objection(incident, commit, message) for commit, message in missing)
    if not missing[0][0]:
        return failed(rule, f"{incident} is not named", f"git commit -m '{incident}: ...'", found)
    who = ", ".join(commit[:10] for commit, _ in missing[:3])
    return failed(
        rule, f"{incident} is not named by {who}", "git rebase -i, and reword them", at_most(20, found)
    )


def _objection(incident: str, commit: str, message: str) -> Objection:
    subject = message.split("\n", 1)[0][:60]
    text = f"{commit[:10] or 'the message'} does not name {incident}: {subject}"
    return Objection(rule="names-incident", text=text, snippet=message)
