"""What makes a change more than a fix: each sign of a feature, found in one pass over the files."""

from __future__ import annotations

import re
from collections import Counter

from andon.incident.words import counted
from andon.response.change import Kind
from andon.response.guard.dependencies import is_manifest, libraries
from andon.response.guard.lines import is_silent
from andon.response.guard.parameters import new_parameters
from andon.response.guard.places import is_document, is_pipeline, is_test, is_vendored, name_of
from andon.response.guard.reading import added_lines, hunk_at, objection, removed_lines
from andon.response.guard.routes import way_by_place, ways_in
from andon.response.guard.structure import SymbolKind, enclosing
from andon.response.risks.flag_files import is_flag_file
from andon.response.risks.settings import read_settings
from andon.response.schema.layouts import is_candidate, read_layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from andon.response.gates.results import Objection
    from andon.response.guard.likeness import Difference, Placed
    from andon.response.guard.reading import Sides
    from andon.response.guard.structure import Symbol
    from andon.response.guard.uses import Uses

NO_FEATURE = "no-feature"
#: Other libraries of a lock file that a fix may move: a pin and what comes with it.
_MOVED_LIBRARIES = 3
_WORD = re.compile(r"[A-Za-z_]\w*")
_EXCEPTION = re.compile(r"(?:Exception|Error|Warning|Exit|Fault|Interrupt|Throwable)\b")


def new_symbols(difference: Difference, uses: Uses) -> Iterator[Objection]:
    """Object to new public functions, classes and methods outside of tests.

    What the fix itself uses is a hint, since it may be a helper beside it; so is a name that changed lines
    held before, and a method of a class that inherits or stands elsewhere, which others may call by what it
    is. What is private is fine, and so is a method whose name its file knew.
    """
    classes: dict[str, list[Placed]] = {}
    for placed in difference.new:
        if placed.symbol.kind is SymbolKind.CLASS:
            classes.setdefault(placed.sides.path, []).append(placed)
    for placed in difference.new:
        symbol, file = placed.symbol, placed.sides.file
        if is_test(file.path) or is_vendored(file.path) or not symbol.is_public:
            continue
        if any(_is_inside(placed, outer) for outer in classes.get(file.path, ())):
            continue
        is_class = symbol.kind is SymbolKind.CLASS
        if is_class and _is_exception(placed):
            continue
        if symbol.kind is SymbolKind.METHOD and uses.was_known(placed):
            continue
        kind = symbol.kind.value
        end = min(symbol.end_line, symbol.line + 60)
        text = f"new public {kind} `{symbol.qualified}`"
        is_hint = uses.are_in_fix(symbol.name)
        if is_hint:
            text += ", which the fix itself uses"
        elif uses.went_with_fix(symbol.name):
            is_hint = True
            text += ", a name that was something else before"
        elif symbol.kind is SymbolKind.METHOD and _may_fill_in(placed):
            is_hint = True
            text += ", which may fill in for what its class inherits"
        yield objection(NO_FEATURE, file, text, line=_first_new(placed), end_line=end, is_hint=is_hint)


_INHERITS = {
    "python": re.compile(r"\s*\(\s*(?!object\s*\)|\))[\w*]"),
    "ruby": re.compile(r"\s*<\s*[A-Z:]"),
}
_INHERITS_ELSEWHERE = re.compile(
    r"[^{\n]{0,300}?(?:\bextends\b|\bimplements\b|\bwith\b|:\s*(?:public\s+)?[A-Z])"
)


def _may_fill_in(placed: Placed) -> bool:
    """True for a method of a class that inherits, implements something, or stands elsewhere."""
    symbol, structure = placed.symbol, placed.sides.after
    outer = symbol.qualified.rpartition(".")[0]
    home = next(
        (s for s in structure.symbols if s.qualified == outer and s.start <= symbol.start < s.end), None
    )
    if home is None:  # Go, or a class that is open in several places: nobody knows what it satisfies
        return True
    at = home.start + len(home.head) + len(home.name)
    rest = (placed.sides.file.after or "")[at : at + 300]
    pattern = _INHERITS.get(structure.language, _INHERITS_ELSEWHERE)
    return bool(pattern.match(rest) or re.search(r"\bfor\s*$", home.head))


def _is_inside(placed: Placed, outer: Placed) -> bool:
    return (
        placed.sides is outer.sides
        and placed.symbol is not outer.symbol
        and outer.symbol.start <= placed.symbol.start < outer.symbol.end
    )


def _is_exception(placed: Placed) -> bool:
    symbol = placed.symbol
    if not _EXCEPTION.search(symbol.name):
        return False
    return symbol.end_line - symbol.line < 15


def _first_new(placed: Placed) -> int:
    """Return the first line of a definition that the change added."""
    symbol = placed.symbol
    for hunk in placed.sides.file.hunks:
        last = hunk.new_start + len(hunk.added) - 1
        if hunk.added and hunk.new_start <= symbol.end_line and last >= symbol.line:
            return max(hunk.new_start, symbol.line)
    return symbol.line


def wider_signatures(sides: Sides, added: frozenset[str]) -> Iterator[Objection]:
    """Hint at a public function that takes more than before, whether or not the fix itself hands it over."""
    file = sides.file
    if is_test(file.path) or is_vendored(file.path) or sides.as_text or file.kind is Kind.ADDED:
        return
    for symbol, parameter in new_parameters(sides):
        if not (hunk := hunk_at(file, _first_changed(sides, symbol))):
            continue
        text = f"`{symbol.qualified}` takes `{parameter[:60]}` now"
        if symbol.name not in added:
            text += ", and nothing here hands it over"
        yield objection(NO_FEATURE, file, text, hunk=hunk, is_hint=True)


def _first_changed(sides: Sides, symbol: Symbol) -> int:
    for hunk in sides.file.hunks:
        if (
            hunk.added
            and hunk.new_start <= symbol.end_line
            and hunk.new_start + len(hunk.added) > symbol.line
        ):
            return max(hunk.new_start, symbol.line)
    return 0


#: An attribute of a class, in Python, JavaScript and TypeScript: what a subclass or a user can set.
_ATTRIBUTE = re.compile(
    r"\s{1,40}(?:static\s+|readonly\s+)?([A-Za-z]\w{0,100})\s*(?::[^=\n]{1,100})?=(?![=>])"
)
#: Blanks by which a member stands further in than its class.
_STEP = 4


def new_attributes(sides: Sides) -> Iterator[Objection]:
    """Hint at a new attribute of a public class, by a name that its file did not know."""
    file = sides.file
    languages = ("python", "javascript", "typescript", "tsx")
    if is_test(file.path) or is_vendored(file.path) or sides.after.language not in languages:
        return
    known = frozenset(_WORD.findall(file.before or ""))
    for number, line in added_lines(file):
        match = _ATTRIBUTE.match(line[:300])
        if not match or match[1] in known or is_silent(sides.after, number, line):
            continue
        home = enclosing(sides.after.symbols, number)
        if home is None or home.kind is not SymbolKind.CLASS or not home.is_public:
            continue
        margin = home.start - sides.after.starts[home.line - 1]
        is_member = len(line) - len(line.lstrip()) <= margin + _STEP
        if is_member and hunk_at(file, home.line) is None:  # a new class has been named already
            text = f"new attribute `{home.qualified}.{match[1]}`"
            yield objection(NO_FEATURE, file, text, line=number, is_hint=True)


_SETTING = re.compile(
    r"""\b(?:\w{0,40}settings|environ|getenv|ENV|app\.config)(?:\.get\w{0,20})?\s?[\[(]\s?["']([A-Za-z][\w.-]{2,60})["']"""
    r"""|\bprocess\.env\.([A-Z]\w{2,60})"""
)
_SETTINGS_FILE = re.compile(
    r"(?i)(?:^|[/_.-])(?:settings?|config(?:uration)?|defaults?|constants|options)\b[^/]*\.\w+$|/settings/"
)
_CONSTANT = re.compile(r"([A-Z][A-Z0-9_]{3,60})\s{0,40}(?::[^=]{0,60})?=(?!=)")


def new_settings(files: Sequence[Sides]) -> Iterator[Objection]:
    """Hint at a setting, or a variable of the environment, that none of these files knew before."""
    known = [sides.file.before or "" for sides in files]
    said: set[str] = set()
    for sides in files:
        file = sides.file
        if is_test(file.path) or is_vendored(file.path) or is_document(file.path) or is_pipeline(file.path):
            continue
        is_settings = bool(_SETTINGS_FILE.search(file.path))
        for number, line in added_lines(file):
            match = (is_settings and _CONSTANT.match(line[:300])) or _SETTING.search(line[:300])
            name = match and (match[1] or match.groups()[-1])
            if not name or name in said or is_silent(sides.after, number, line):
                continue
            if not any(name in text for text in known):
                said.add(name)
                yield objection(NO_FEATURE, file, f"new setting `{name}`", line=number, is_hint=True)


_DEFINED = re.compile(
    r"^\s{0,40}(?:export\s+|public\s+|pub\s+|static\s+|async\s+|default\s+|abstract\s+|final\s+)*"
    r"(?:def|func|function|fn|sub|class|interface|struct|trait|module|defmodule|object|proc"
    r"|fun)\s+([A-Za-z][\w.:]{0,100})"
)


def new_definitions(sides: Sides, gone: Counter[str]) -> Iterator[Objection]:
    """Object to what looks like a new definition in a text whose structure could not be read."""
    file = sides.file
    if not sides.as_text or is_test(file.path) or is_document(file.path) or is_vendored(file.path):
        return
    for number, line in added_lines(file):
        match = _DEFINED.match(line[:300])
        if (
            match
            and not re.search(r"\b(?:private|protected|local|static)\b", line[:300])
            and not gone[match[1]]
        ):
            text = f"new definition `{match[1]}` (judged as text: {sides.as_text})"
            yield objection(NO_FEATURE, file, text, line=number)


def gone_definitions(files: Sequence[Sides]) -> Counter[str]:
    """Return the names that removed lines defined, where they had to be judged as text."""
    found: Counter[str] = Counter()
    for sides in files:
        if sides.as_text:
            for _, line in removed_lines(sides.file):
                if match := _DEFINED.match(line[:300]):
                    found[match[1]] += 1
    return found


def new_ways_in(files: Sequence[Sides]) -> Iterator[Objection]:
    """Object to routes, commands and options that were nowhere in these files before."""
    before: Counter[str] = Counter()
    after = []
    for sides in files:
        file = sides.file
        if is_test(file.path) or is_vendored(file.path) or is_document(file.path):
            continue
        if sides.file.before is None and sides.file.after is None:
            continue
        before.update(way.key for way in ways_in(sides.old_path, file.before or "", sides.before))
        after += [(sides, way) for way in ways_in(sides.path, file.after or "", sides.after)]
        if (what := way_by_place(file.path)) and file.kind is Kind.ADDED:
            yield objection(NO_FEATURE, file, f"new {what}: the file's place makes it one", line=1)
    for sides, way in after:
        if before[way.key] > 0:
            before[way.key] -= 1
        elif hunk_at(sides.file, way.line):
            yield objection(NO_FEATURE, sides.file, f"new {way.what} `{way.key[:80]}`", line=way.line)


def new_libraries(sides: Sides) -> Iterator[Objection]:
    """Object to a library that was not asked for before, and to a lock file that was written anew."""
    file = sides.file
    if file.is_submodule:
        yield objection(NO_FEATURE, file, "a submodule is at another commit")
        return
    if is_vendored(file.path) and file.kind is Kind.ADDED:
        yield objection(NO_FEATURE, file, "a file of somebody else's code was brought in")
        return
    if not is_manifest(file.path) or not file.hunks:
        return
    before = libraries(sides.old_path, file.before or "")
    after = libraries(file.path, file.after) if file.after is not None else frozenset()
    unseen = file.after is None and file.kind is not Kind.REMOVED
    if before is None or after is None or unseen or (file.before is None and file.kind is not Kind.ADDED):
        yield objection(
            NO_FEATURE, file, "a list of libraries differs, and cannot be read", hunk=file.hunks[0]
        )
        return
    for name in sorted(after - before)[:10]:
        line = _line_with(file.hunks, name)
        text = f"new library `{name}` in {name_of(file.path)}"
        yield objection(NO_FEATURE, file, text, line=line, hunk=None if line else file.hunks[0])
    if len(file.hunks) > 2 * _MOVED_LIBRARIES and name_of(file.path).lower() not in ("setup.py", "setup.cfg"):
        count = counted(len(file.hunks), "place")
        text = f"{name_of(file.path)} differs in {count}: libraries were moved at large"
        yield objection(NO_FEATURE, file, text, hunk=file.hunks[0])


def _line_with(hunks: Sequence[object], name: str) -> int:
    plain = name.replace("-", "").replace("_", "")
    for hunk in hunks:
        for at, line in enumerate(hunk.added):  # type: ignore[attr-defined]
            if plain in line.lower().replace("-", "").replace("_", ""):
                return int(hunk.new_start) + at  # type: ignore[attr-defined]
    return 0


def new_migrations(sides: Sides) -> Iterator[Objection]:
    """Object to a new migration: what a database was changed to outlives the fix."""
    file = sides.file
    if (
        file.kind is not Kind.ADDED
        or is_test(file.path)
        or is_document(file.path)
        or not is_candidate(file.path)
    ):
        return
    layout = read_layout({file.path: file.after or ""})
    if file.after is None or layout.migrations:
        yield objection(NO_FEATURE, file, "new migration", line=1)


def pipelines(sides: Sides) -> Iterator[Objection]:
    """Object to a change of how commits are built, tested and shipped."""
    file = sides.file
    if is_pipeline(file.path):
        hunk = file.hunks[0] if file.hunks else None
        yield objection(NO_FEATURE, file, "the way commits are tested and shipped was changed", hunk=hunk)


_FLAG = re.compile(
    r"""(?i)["']?((?:\w{0,60}(?:feature|flag|toggle|experiment|rollout|beta|killswitch|kill_switch)\w{0,60}"""
    r"""|(?:enable|disable|use|with|allow)_?[A-Z_]\w{0,60}|\w{0,60}_?(?:enabled|disabled)))["']?\s{0,8}(?::\s{0,4}\w{1,20}\s{0,4}=|=>|:=|=|:)"""
    r"""\s{0,8}["']?(true|false|on|off|yes|no|enabled|disabled|\d{1,3})\b"""
)
#: A literal for a keyword in a call decides for one call only: a default stands at the beginning of a line.
_AT_START = re.compile(
    r"^\s{0,12}(?:export\s+|const\s+|let\s+|var\s+|final\s+|static\s+|public\s+|self\.|val\s+)*[\"']?$"
)


def flag_defaults(sides: Sides) -> Iterator[Objection]:
    """Object to a switch whose default was turned, or that is new with the default on."""
    file = sides.file
    if is_test(file.path) or is_document(file.path):
        return
    if is_flag_file(file.path) and file.before is not None and file.after is not None:
        old = {s.names: s.value for s in read_settings(sides.old_path, file.before)}
        for setting in read_settings(file.path, file.after):
            value = old.get(setting.names)
            if value is None and hunk_at(file, setting.line):
                text = f"new in the flags: {'.'.join(setting.names)[:80]}"
                yield objection(NO_FEATURE, file, text, line=setting.line)
            elif value is not None and value != setting.value:
                flag = ".".join(setting.names)[:80]
                text = f"flag default {flag} turned from {value[:40]} to {setting.value[:40]}"
                yield objection(NO_FEATURE, file, text, line=setting.line, hunk=hunk_at(file, setting.line))
        return
    for hunk in file.hunks:
        then = dict(_flags(hunk.removed))
        for name, value in _flags(hunk.added):
            if name in then and then[name] != value:
                text = f"default of the switch `{name}` turned from {then[name]} to {value}"
                yield objection(NO_FEATURE, file, text, hunk=hunk)


def _flags(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        match = _FLAG.search(line[:300])
        if match and _AT_START.match(line[: match.start()]):
            yield match[1], match[2].lower()
