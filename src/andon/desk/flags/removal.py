"""Removing a flag: the edit that takes it out of the code and its definition, and whether now is the time."""

from __future__ import annotations

from andon.desk.flags.definitions import definitions_in
from andon.desk.flags.lint import lint_flags
from andon.errors import AndonError, InvalidInput, NotFound, Refused
from andon.flags.hygiene.definitions import metadata_of, prerequisites
from andon.flags.hygiene.finding import command
from andon.flags.hygiene.languages import language_of
from andon.flags.hygiene.leftover import settled
from andon.flags.hygiene.removing import remove_from
from andon.flags.hygiene.scanning import is_test
from andon.flags.hygiene.sdk import CallNames
from andon.flags.hygiene.undefining import without_definition
from andon.flags.overrides import KILL, ROLLOUT, on_variant, safe_variant
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from andon.desk.flags.lint import FlagLint
    from andon.desk.ports import Desk


class FileEdit(Record):
    """What becomes of one file."""

    path: str
    before: bytes
    after: bytes


class LeftPlace(Record):
    """A place that a person has to look at."""

    path: str
    line: int
    why: str


class FlagRemoval(Record):
    """The edit that removes a flag."""

    key: str
    #: The variant that is kept, and its value.
    variant: str
    value: Any
    edits: tuple[FileEdit, ...]
    left: tuple[LeftPlace, ...]
    #: Why it should not be removed now; empty when nothing speaks against it.
    against: tuple[str, ...]
    #: What could not be found out.
    unknown: tuple[str, ...]
    #: Calls that go.
    calls: int


def plan_removal(
    desk: Desk, key: str, keep: str = "", tell: Callable[[str], None] | None = None
) -> FlagRemoval:
    """Return the edit that removes a flag from the work tree with one variant kept.

    `keep` is `on`, `off` or a variant; without it, what everybody gets now. Raises NotFound for a flag that
    nothing defines, InvalidInput when it is not clear which variant stays.
    """
    found = lint_flags(desk, tell)
    flag = found.defined.flags.get(key)
    if flag is None:
        raise NotFound(
            f"{found.defined.path} does not define {key}", where=key, rule="flag", remedy="andon flags lint"
        )
    variant = _variant(flag, keep, found, key)
    variants = flag.get("variants")
    value = variants.get(variant) if isinstance(variants, dict) else None
    edits, left, calls = _in_code(desk, found, key, value)
    if desk.config.flag_system.file:
        edit = _of_definition(desk, key)
        if isinstance(edit, FileEdit):
            edits.append(edit)
        else:
            left.append(edit)
    return FlagRemoval(
        key=key,
        variant=variant,
        value=value,
        edits=tuple(edits),
        left=tuple(left),
        against=tuple(_against(found, key, flag)),
        unknown=tuple(one.why for one in found.unknown if one.rule in ("flag-unused", "flag-settled")),
        calls=calls,
    )


def carry_out(desk: Desk, removal: FlagRemoval, reason: str = "") -> None:
    """Write the edit into the work tree; raises Refused when something speaks against it without a reason.

    Raises Conflict for a file that changed since the edit was planned; the files before it are written.
    """
    if removal.against and not reason.strip():
        raise Refused(
            f"{removal.key} is still needed, by what is known: {removal.against[0]}",
            where=removal.key,
            rule="flag-removal",
            remedy=command("remove", removal.key, '--write --reason "WHY"'),
        )
    for edit in removal.edits:
        desk.flag_sources.write(edit.path, edit.before, edit.after)


def _variant(flag: Mapping[str, Any], keep: str, found: FlagLint, key: str) -> str:
    variants = flag.get("variants")
    names = tuple(variants) if isinstance(variants, dict) else ()
    if keep in names:
        return keep
    if keep in ("on", "off"):
        if named := on_variant(flag) if keep == "on" else safe_variant(flag):
            return named
    elif not keep:
        known = found.known[key]
        if settled(flag, known):
            if known.layer == ROLLOUT:
                return known.variant
            default = flag.get("defaultVariant")
            if isinstance(default, str) and default in names and flag.get("state") != "DISABLED":
                return default
    told = f"{key} has no variant {keep}" if keep else f"{key} still decides: which variant stays is not said"
    raise InvalidInput(
        told,
        where=key,
        rule="flag-removal",
        remedy=command("remove", key, "--keep", "|".join(names[:4]) or "on"),
    )


def _against(found: FlagLint, key: str, flag: Mapping[str, Any]) -> list[str]:
    """Return why a flag should not go now."""
    known, told = found.known[key], []
    if known.layer == KILL:
        told.append("it is killed: end the incident first")
    elif known.layer == ROLLOUT and known.percent < 100:
        told.append(f"it is being rolled out, to {known.percent:g} % now")
    if known.served is not None:
        some = sorted(name or "the caller's default" for name, count in known.served.counts.items() if count)
        if len(some) > 1:
            told.append(f"several variants are served: {', '.join(some)}")
    if metadata_of(flag).get("permanent") is True:
        told.append("it is meant to stay: permanent")
    needed = [other for other, one in found.defined.flags.items() if key in prerequisites(one)]
    if needed:
        told.append(f"{', '.join(needed)} needs it")
    told += [
        f"it is not known whether it is killed or being rolled out: {one.why}"
        for one in found.unknown
        if one.rule == "flag-settled" and one.is_of_system
    ]
    return told


def _in_code(
    desk: Desk, found: FlagLint, key: str, value: object
) -> tuple[list[FileEdit], list[LeftPlace], int]:
    names = CallNames(own=frozenset(desk.config.flag_system.calls))
    edits: list[FileEdit] = []
    left: list[LeftPlace] = []
    calls = 0
    for path, scan in found.scan.files.items():
        lines = [one.line for one in scan.mentions if one.key == key]
        if not lines:
            continue
        language, content = language_of(path), desk.flag_sources.content(path)
        is_asked = any(one.key == key and one.call for one in scan.mentions)
        if language is None or content is None or not is_asked or is_test(path):
            why = "a test knows the flag" if is_test(path) else "the flag's key stands here"
            left.extend(LeftPlace(path=path, line=line, why=why) for line in lines)
            continue
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            left.append(LeftPlace(path=path, line=lines[0], why="it is not UTF-8"))
            continue
        made = remove_from(text, language, names, key, value, found.scan.constants)
        calls += made.calls
        left.extend(LeftPlace(path=path, line=one.line, why=one.why) for one in made.left)
        left.extend(LeftPlace(path=path, line=one.line, why=one.why) for one in made.unused)
        if made.text != text:
            edits.append(FileEdit(path=path, before=content, after=made.text.encode()))
    return edits, left, calls


def _of_definition(desk: Desk, key: str) -> FileEdit | LeftPlace:
    """Return the edit of the flag file; where the rest would not say the same, the place."""
    path = desk.config.flag_system.file
    content = desk.flag_sources.content(path) or b""
    before, _ = definitions_in(content, path)
    text = without_definition(content.decode("utf-8"), key)
    if text is not None:
        after = text.encode()
        try:
            rest, _ = definitions_in(after, path)
        except AndonError:
            rest = before
        if rest.flags == {name: flag for name, flag in before.flags.items() if name != key}:
            return FileEdit(path=path, before=content, after=after)
    return LeftPlace(path=path, line=before.line(key), why="its definition: take it out by hand")
