"""Do all links lead inside the repository? Reads where each new link leads."""

from __future__ import annotations

from andon.response.gates.results import failed, passed, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.gate.context import GateContext
    from andon.response.gates.results import RuleResult

_RULE = "links-inside"
#: Links that are only moved, so that their content has to be asked for one by one.
_MOST = 200


def check(context: GateContext) -> RuleResult:
    """Object to links that lead out of the repository, or that take the place of a directory."""
    links = [file for file in context.change.files if file.is_link]
    if not links:
        return passed(_RULE, "no link changes")
    from andon.response.gates.links import objections_to_links, target_in_lines

    targets: dict[str, str] = {}
    asked = 0
    for link in links:
        told = target_in_lines(link)
        if told is None and link.new_object and asked < _MOST:
            asked += 1
            told = context.desk.changes.blob(link.new_object).decode("utf-8", "backslashreplace")
        if told is not None:
            targets[link.path] = told
    found, unread = objections_to_links(context.change, targets)
    if found:
        return failed(
            _RULE, f"{len(found)} of {len(links)} links: {found[0].path}", "let them lead inside", found
        )
    if unread:
        return unknown(_RULE, f"nobody could read where {unread[0]} leads", "git diff --cached")
    return passed(_RULE, f"{len(links)} links lead inside")
