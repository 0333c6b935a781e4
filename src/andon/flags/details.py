"""What an evaluation says beside the value: the variant, why, and what went wrong, in OpenFeature's words."""

from __future__ import annotations

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

#: Reasons: nothing to judge, a rule chose, no rule chose, switched off, something is wrong.
STATIC, TARGETING_MATCH, DEFAULT, DISABLED, ERROR = (
    "STATIC",
    "TARGETING_MATCH",
    "DEFAULT",
    "DISABLED",
    "ERROR",
)
#: Error codes.
FLAG_NOT_FOUND, PARSE_ERROR, TYPE_MISMATCH, INVALID_CONTEXT, GENERAL = (
    "FLAG_NOT_FOUND",
    "PARSE_ERROR",
    "TYPE_MISMATCH",
    "INVALID_CONTEXT",
    "GENERAL",
)


class Details(Record):
    """One evaluation. Records are shared between evaluations: neither they nor their metadata are changed."""

    value: Any
    #: The variant's name; None when the value is the caller's default.
    variant: str | None = None
    reason: str
    error_code: str | None = None
    error_message: str | None = None
    #: The flag's metadata over those of its set.
    metadata: Mapping[str, Any]
    flag_key: str
