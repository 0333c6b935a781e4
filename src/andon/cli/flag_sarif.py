"""The findings about flags as SARIF 2.1.0, which code hosts show beside the lines."""

from __future__ import annotations

from andon.flags.hygiene.finding import RULES
from andon.response.gates.sarif_report import uri

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from andon.flags.hygiene.finding import FlagFinding

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"


def sarif_of(findings: Iterable[FlagFinding], unread: Iterable[str], version: str) -> dict[str, Any]:
    """Return one run; a sign is a note. `unread` files make the run one that did not see everything."""
    index = {rule.id: number for number, rule in enumerate(RULES)}
    notes = [{"level": "error", "message": {"text": f"{path} was not read by structure"}} for path in unread]
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "andon flags lint",
                        "semanticVersion": version,
                        "rules": [{"id": rule.id, "shortDescription": {"text": rule.asks}} for rule in RULES],
                    }
                },
                "invocations": [{"executionSuccessful": not notes, "toolExecutionNotifications": notes}],
                "originalUriBaseIds": {"ROOT": {"description": {"text": "The root of the repository."}}},
                "results": [_result(one, index[one.rule]) for one in findings],
            }
        ],
    }


def _result(one: FlagFinding, index: int) -> dict[str, Any]:
    told = one.text + (f" Way out: {one.remedy}" if one.remedy else "")
    return {
        "ruleId": one.rule,
        "ruleIndex": index,
        "level": "note" if one.is_sign else "warning",
        "message": {"text": told},
        "locations": _locations(one),
        "partialFingerprints": {"andonFlag/v1": one.fingerprint},
    }


def _locations(one: FlagFinding) -> list[dict[str, Any]]:
    """Return the place in the repository; none for a flag that a server defines."""
    if "://" in one.path:
        return []
    physical: dict[str, Any] = {"artifactLocation": {"uri": uri(one.path), "uriBaseId": "ROOT"}}
    if one.line:
        physical["region"] = {"startLine": one.line, "endLine": one.line}
    return [{"physicalLocation": physical}]
