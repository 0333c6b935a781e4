"""The flags as something defines them: the file of the repository, at any commit, or else the flag system."""

from __future__ import annotations

from andon.desk.flags.system import flag_system_of
from andon.errors import NotFound
from andon.flags.hygiene.definitions import DefinedFlags, defined_flags
from andon.flags.hygiene.finding import FlagFinding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from andon.desk.flags.values import FlagSeen
    from andon.desk.ports import Desk


def definitions_here(desk: Desk) -> tuple[DefinedFlags, tuple[FlagFinding, ...]]:
    """Return the flags of the work tree, and those that cannot be evaluated.

    Raises InvalidInput with the line for a file that cannot be read, NotFound for one that is not there,
    Unavailable without any.
    """
    path = desk.config.flag_system.file
    if not path:
        return _of_system(desk), ()
    content = desk.flag_sources.content(path)
    if content is None:
        raise NotFound(
            f"{path} is not there", where=path, rule="flag-file", remedy="file in [flags] of andon.toml"
        )
    return definitions_in(content, path)


def definitions_in(content: bytes, path: str) -> tuple[DefinedFlags, tuple[FlagFinding, ...]]:
    """Return the flags of a file's content, and those that cannot be evaluated; raises InvalidInput."""
    from andon.flags.reading import read_document

    document = read_document(content, path)
    defined = defined_flags(document, content.decode("utf-8-sig", "replace"), path)
    return defined, _invalid(document, content, path)


def _invalid(document: dict[str, Any], content: bytes, path: str) -> tuple[FlagFinding, ...]:
    """Return what is wrong with the flags by the judgement of the evaluator."""
    from andon.flags.definitions import evaluators_of, judge

    shared = evaluators_of(document)
    defects = [defect for key, flag in document["flags"].items() for defect in judge(key, flag, shared)]
    if not defects:
        return ()
    from andon.flags.reading import locate

    places = locate(content, path)
    return tuple(
        FlagFinding(
            rule="flag-invalid",
            key=defect.flag,
            path=path,
            line=places.line(defect.pointer),
            text=f"{defect.flag}: {defect.message}"
            + ("; every caller gets its own default" if defect.spoils else ""),
            remedy=f"mend it in {path}: {'.'.join(str(part) for part in defect.pointer[2:]) or defect.flag}",
            subject=f"{defect.rule} {'.'.join(str(part) for part in defect.pointer)}",
        )
        for defect in defects
    )


def _of_system(desk: Desk) -> DefinedFlags:
    """Return the flags of the flag system, in the form of a file."""
    system = flag_system_of(desk)
    return DefinedFlags(
        path=system.address, flags={flag.key: _as_file(flag) for flag in system.flags()}, places={}
    )


def _as_file(seen: FlagSeen) -> dict[str, Any]:
    if seen.definition is not None:
        return seen.definition
    said = {
        "owner": seen.owner,
        "purpose": seen.purpose,
        "kind": seen.purpose_kind,
        "created": seen.created,
        "expires": seen.expires,
        "ticket": seen.ticket,
        "safeVariant": seen.safe_variant,
    }
    return {
        "state": "ENABLED" if seen.is_enabled else "DISABLED",
        "variants": dict.fromkeys(seen.variants),
        "defaultVariant": seen.default_variant or None,
        # What another system's rules say is not read here: a flag with unknown rules decides something.
        "targeting": {"unknown": []},
        "metadata": {name: value for name, value in said.items() if value},
    }
