"""SQL statements that the parser leaves as text, read by their words: a few forms, each as a whole."""

from __future__ import annotations

import re

from andon.response.schema.effects import Act, Effect, Kind
from andon.response.schema.names import bare

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_WORD = r'("[^"]+"|[\w.]+)'
_EXTENSION = re.compile(
    rf"(?is)^(create|drop)\s+extension\s+(if\s+(?:not\s+)?exists\s+)?{_WORD}"
    rf"(?:\s+(?:with\s+)?schema\s+{_WORD})?(\s+cascade|\s+restrict)?$"
)
_FUNCTION = re.compile(
    rf"(?is)^create\s+(or\s+replace\s+)?(?:function|procedure)\s+{_WORD}\s*\(.*\bas\b.*|"
    rf"^create\s+(or\s+replace\s+)?(?:function|procedure)\s+{_WORD}\s*\(.*\blanguage\b.*"
)
_VALUE = re.compile(rf"(?is)^alter\s+type\s+{_WORD}\s+(add|rename)\s+value\s+(.*)$")
_RENAME_CONSTRAINT = re.compile(
    rf"(?is)^alter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?{_WORD}\s+rename\s+constraint\s+{_WORD}\s+to\s+{_WORD}$"
)
_RENAME_OTHER = re.compile(
    rf"(?is)^alter\s+(type|sequence|view)\s+(?:if\s+exists\s+)?{_WORD}\s+rename\s+to\s+{_WORD}$"
)
_RENAME_COLUMN = re.compile(  # the parser takes it for another name of the table
    rf"(?is)^alter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?{_WORD}\s+rename\s+(?!column\b|constraint\b|to\b){_WORD}"
    rf"\s+to\s+{_WORD}$"
)
_VALIDATE = re.compile(
    rf"(?is)^alter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?{_WORD}\s+validate\s+constraint\s+{_WORD}$"
)
_NOTHING = re.compile(r"(?is)^(vacuum|analyze|explain\s+(?!.*\banalyze\b)|lock\s+table|reindex|checkpoint)")


def effects_by_words(spelled: str, line: int) -> Sequence[Effect] | None:
    """Return what one of the known forms does; None for any other."""
    if _NOTHING.match(spelled):
        return ()
    if match := _EXTENSION.match(spelled):
        act = Act.CREATE if match[1].lower() == "create" else Act.DROP
        return (
            Effect(
                act=act,
                kind=Kind.EXTENSION,
                name=bare(match[3]),
                line=line,
                is_conditional=bool(match[2]),
                cascades=(match[5] or "").strip().lower() == "cascade",
            ),
        )
    if match := _FUNCTION.match(spelled):
        replaces, name = match[1] or match[3], match[2] or match[4]
        return (
            Effect(
                act=Act.REPLACE if replaces else Act.CREATE,
                kind=Kind.FUNCTION,
                name=bare(name),
                line=line,
                definition=" ".join(spelled.split()),
            ),
        )
    if match := _VALUE.match(spelled):
        aspect = f"{match[2].lower()} value"
        return (
            Effect(
                act=Act.ALTER,
                kind=Kind.TYPE,
                name=bare(match[1]),
                line=line,
                aspect=aspect,
                value=match[3].strip(),
            ),
        )
    if match := _RENAME_CONSTRAINT.match(spelled) or _RENAME_COLUMN.match(spelled):
        return (
            Effect(
                act=Act.RENAME,
                kind=Kind.CONSTRAINT if match.re is _RENAME_CONSTRAINT else Kind.COLUMN,
                table=bare(match[1]),
                name=bare(match[2]),
                value=bare(match[3]),
                line=line,
            ),
        )
    if match := _VALIDATE.match(spelled):
        return (
            Effect(
                act=Act.ALTER,
                kind=Kind.CONSTRAINT,
                table=bare(match[1]),
                name=bare(match[2]),
                aspect="validity",
                value="yes",
                line=line,
            ),
        )
    if match := _RENAME_OTHER.match(spelled):
        kind = Kind(match[1].lower())
        return (Effect(act=Act.RENAME, kind=kind, name=bare(match[2]), value=bare(match[3]), line=line),)
    return None
