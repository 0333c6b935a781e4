"""A gate's answers as SARIF 2.1.0, the form in which code hosts show findings beside the lines.

Format: OASIS SARIF Version 2.1.0; levels after section 3.27.10, URIs after 3.10 and RFC 3986.
"""

from __future__ import annotations

import re

from andon.response.gates.judge import Effect
from andon.response.gates.table import rule_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from andon.response.gates.judge import GateRow, Judgement
    from andon.response.gates.results import Objection

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Effect.BLOCKS: "error", Effect.WARNS: "warning", Effect.WAIVED: "note"}
#: Unreserved characters of RFC 3986, and the slash between the parts of a path.
_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")
_SPELLED = re.compile(rb"\\x([0-9a-f]{2})")


def sarif_report(judgements: Iterable[Judgement], version: str) -> dict[str, Any]:
    """Return one run with a result for each place, and for each rule that did not pass and names none.

    A waived one is a note with a suppression; what could not be decided is told as a notification as well.
    """
    judgements = tuple(judgements)
    shown = [row for judgement in judgements for row in judgement.rows]
    names = list(dict.fromkeys(row.result.rule for row in shown))
    undecided = [row for row in shown if row.result.verdict.value == "unknown"]
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "andon gate",
                        "semanticVersion": version,
                        "rules": [_rule(name) for name in names],
                    }
                },
                "invocations": [
                    {
                        "executionSuccessful": not undecided,
                        "toolExecutionNotifications": [_notification(row) for row in undecided],
                    }
                ],
                "originalUriBaseIds": {"ROOT": {"description": {"text": "The root of the repository."}}},
                "results": [
                    result
                    for row in shown
                    if row.effect is not Effect.PASSES
                    for result in _results(row, names.index(row.result.rule))
                ],
            }
        ],
    }


def _rule(name: str) -> dict[str, Any]:
    known = rule_named(name)
    return {"id": name, "shortDescription": {"text": known.asks if known else name}}


def _notification(row: GateRow) -> dict[str, Any]:
    text = f"{row.result.rule} could not be decided: {row.result.evidence}"
    return {"level": "error" if row.effect is Effect.BLOCKS else "warning", "message": {"text": text}}


def _results(row: GateRow, index: int) -> Iterable[dict[str, Any]]:
    base: dict[str, Any] = {"ruleId": row.result.rule, "ruleIndex": index, "level": _LEVELS[row.effect]}
    if row.effect is Effect.WAIVED:
        base["suppressions"] = [{"kind": "external", "justification": row.waived_by}]
    if not row.result.objections:
        told = row.result.evidence + (f" Way out: {row.result.remedy}" if row.result.remedy else "")
        yield {**base, "message": {"text": told}}
    for objection in row.result.objections:
        level = "warning" if objection.is_hint and row.effect is Effect.BLOCKS else base["level"]
        yield {
            **base,
            "level": level,
            **_place(objection),
            "message": {"text": objection.text or row.result.evidence},
        }


def _place(objection: Objection) -> dict[str, Any]:
    found: dict[str, Any] = {"partialFingerprints": {"andonObjection/v1": objection.fingerprint}}
    if objection.path:
        physical: dict[str, Any] = {"artifactLocation": {"uri": uri(objection.path), "uriBaseId": "ROOT"}}
        if objection.line > 0:
            last = max(objection.end_line, objection.line)
            physical["region"] = {"startLine": objection.line, "endLine": last}
        found["locations"] = [{"physicalLocation": physical}]
    return found


def uri(path: str) -> str:
    """Return a path as a relative URI; bytes that are spelled as `\\\\xNN` become themselves again."""
    raw = _SPELLED.sub(lambda found: bytes([int(found.group(1), 16)]), path.encode("utf-8", "replace"))
    return "".join(chr(byte) if byte in _PLAIN else f"%{byte:02X}" for byte in raw)
