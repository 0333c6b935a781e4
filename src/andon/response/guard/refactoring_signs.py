"""What tidying looks like: what moves, what is called otherwise, what is only set otherwise."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

from andon.incident.words import counted
from andon.response.change import Kind
from andon.response.guard.lines import code_lines, is_import
from andon.response.guard.places import is_document, is_test
from andon.response.guard.reading import hunk_at, hunk_before, hunk_span, objection
from andon.response.guard.structure import enclosing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from andon.response.change import Hunk
    from andon.response.gates.results import Objection
    from andon.response.guard.likeness import Difference
    from andon.response.guard.reading import Sides
    from andon.response.guard.uses import Uses

NO_REFACTORING = "no-refactoring"
#: Lines that two places may lie apart and still be about the same thing.
FAR = 40
#: Lines of code that leave one place and come back at another before it is called a move.
_MOVED_BLOCK = 4
#: Lines of comments away from the fix, from which they are more than a word in passing.
_MUCH_TALK = 8
#: Places at which one name becomes another before it is called a renaming.
_RENAMED_PLACES = 4


def renamed_files(sides: Sides) -> Iterator[Objection]:
    """Object to a file of the product that has another path."""
    file = sides.file
    if file.kind is Kind.RENAMED and not (is_test(file.path) or is_document(file.path)):
        yield objection(NO_REFACTORING, file, f"renamed from {file.old_path}", line=0)


def moved_symbols(difference: Difference) -> Iterator[Objection]:
    """Object to a definition that stands elsewhere or is called otherwise, with much the same body."""
    for pair in difference.pairs:
        old, new = pair.before, pair.after
        if is_test(new.sides.path) or (len(old.body) < 2 and len(new.body) < 2):
            continue
        if pair.is_renamed:
            text = f"`{old.symbol.qualified}` is called `{new.symbol.qualified}` now, with much the same body"
        elif pair.is_moved:
            text = f"`{old.symbol.qualified}` moved here from {old.sides.old_path}"
        else:
            continue
        line, end = new.symbol.line, min(new.symbol.end_line, new.symbol.line + 60)
        yield objection(NO_REFACTORING, new.sides.file, text, line=line, end_line=end)


def moved_blocks(files: Sequence[Sides]) -> Iterator[Objection]:
    """Object to lines that left one place and came back, unchanged, at another."""
    places: defaultdict[tuple[str, ...], list[tuple[Sides, Hunk]]] = defaultdict(list)
    blocks = []
    for sides in files:
        if is_test(sides.path) or is_document(sides.path):
            continue
        for hunk in sides.file.hunks:
            removed, added = code_lines(sides, hunk)
            old = tuple(line.strip() for _, line in removed)
            new = tuple(line.strip() for _, line in added)
            if len(old) >= _MOVED_BLOCK and not new:
                places[old].append((sides, hunk))
            elif len(new) >= _MOVED_BLOCK and not old:
                blocks.append((new, sides, hunk))
    for new, sides, hunk in blocks:
        for whence, other in places.get(new, ())[:1]:
            home = enclosing(sides.after.symbols, hunk.new_start)
            origin = enclosing(whence.before.symbols, other.old_start)
            if home and origin and home.qualified == origin.qualified:
                continue  # the order inside one function is what it does
            text = f"{counted(len(new), 'line')} moved here from {whence.old_path}:{other.old_start}"
            yield objection(NO_REFACTORING, sides.file, text, hunk=hunk)


_TOKEN = re.compile(r"[A-Za-z_$][\w$]*|\d[\w.]*|\s+|.", re.DOTALL)
_NAME = re.compile(r"[A-Za-z_$][\w$]*\Z")
#: Characters of a line that are taken apart; nobody renames further right.
_WIDEST = 400


def renamed_names(files: Sequence[Sides]) -> Iterator[Objection]:
    """Hint at one name that becomes another at several places where nothing else changes."""
    seen: defaultdict[tuple[str, str], list[tuple[Sides, Hunk]]] = defaultdict(list)
    for sides in files:
        if is_test(sides.path) or is_document(sides.path):
            continue
        for hunk in sides.file.hunks:
            swaps = _swaps(hunk)
            if len(swaps) == 1:
                seen[next(iter(swaps))].append((sides, hunk))
    for (old, new), places in seen.items():
        if sum(len(hunk.added) for _, hunk in places) < _RENAMED_PLACES:
            continue
        if any(
            re.search(rf"(?<![\w$]){re.escape(old)}(?![\w$])", sides.file.after or old) for sides, _ in places
        ):
            continue
        count = sum(len(hunk.added) for _, hunk in places)
        for sides, hunk in places[:5]:
            text = f"`{old}` is called `{new}` now, in {counted(count, 'line')} that change nothing else"
            yield objection(NO_REFACTORING, sides.file, text, hunk=hunk, is_hint=True)


def _swaps(hunk: Hunk) -> set[tuple[str, str]]:
    """Return the names that were exchanged; empty when anything else differs."""
    if not hunk.removed or len(hunk.removed) != len(hunk.added) or hunk.size > 200:
        return set()
    swaps: set[tuple[str, str]] = set()
    for old, new in zip(hunk.removed, hunk.added, strict=True):
        one, other = _TOKEN.findall(old[:_WIDEST]), _TOKEN.findall(new[:_WIDEST])
        if len(one) != len(other) or len(old) > _WIDEST:
            return set()
        for a, b in zip(one, other, strict=True):
            if a != b:
                if not (_NAME.match(a) and _NAME.match(b)):
                    return set()
                swaps.add((a, b))
    return swaps


_PIECE = re.compile(r""""(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|`[^`\n]*`|\\$|\s+|.""", re.MULTILINE)
_COMMA = re.compile(r",(?=[)\]}])|;(?=$|\n)")


def _essence(lines: Sequence[tuple[int, str]]) -> str:
    """Return what means something: no blanks outside of literals, one kind of quotes, no last comma."""
    pieces = []
    for piece in _PIECE.findall("\n".join(line for _, line in lines)):
        if piece[0] in "\"'`":
            pieces.append(f'"{piece[1:-1]}"')
        elif piece.strip() and piece != "\\":
            pieces.append(piece)
    return _COMMA.sub("", "".join(pieces))


def set_otherwise(sides: Sides) -> Iterator[Objection]:
    """Object to hunks whose code is the same on both sides, and to imports in another order.

    They are hints in a file in which the fix changes other code.
    """
    file = sides.file
    if is_test(file.path) or is_document(file.path):
        return
    moved_imports = _only_imports(sides)
    found = []
    is_edited = False
    for hunk in file.hunks:
        removed, added = code_lines(sides, hunk)
        if hunk in moved_imports:
            found.append((hunk, "imports in another order, and nothing else"))
        elif not _is_set_otherwise(removed, added):
            is_edited = is_edited or bool(removed or added)
        elif _is_apart(sides, hunk):
            found.append((hunk, "the same code, set otherwise"))
    for hunk, text in found:
        yield objection(NO_REFACTORING, file, text, hunk=hunk, is_hint=is_edited)


def _is_set_otherwise(removed: Sequence[tuple[int, str]], added: Sequence[tuple[int, str]]) -> bool:
    same = bool(removed and added) and _essence(removed) == _essence(added)
    return same and not _is_indentation(removed, added)


def _is_indentation(removed: Sequence[tuple[int, str]], added: Sequence[tuple[int, str]]) -> bool:
    """True when only the margin differs: that changes what a line belongs to."""
    return [line.strip() for _, line in removed] == [line.strip() for _, line in added]


def _only_imports(sides: Sides) -> list[Hunk]:
    """Return the hunks that only moved imports about: what they take away together, they bring together."""
    hunks = []
    names: Counter[str] = Counter()
    for hunk in sides.file.hunks:
        removed, added = code_lines(sides, hunk)
        lines = [*((sides.before, n) for n, _ in removed), *((sides.after, n) for n, _ in added)]
        if lines and all(is_import(structure, number) for structure, number in lines):
            hunks.append(hunk)
            names.update(re.findall(r"[\w.$]+", " ".join(line for _, line in added)))
            names.subtract(re.findall(r"[\w.$]+", " ".join(line for _, line in removed)))
    words = {"import", "from", "use", "as", "using", "require"}
    return hunks if hunks and not any(n for word, n in names.items() if word not in words) else []


def talk(files: Sequence[Sides]) -> Iterator[Objection]:
    """Hint at comments and docstrings that were changed at large, away from any change of code."""
    found: list[tuple[Sides, Hunk]] = []
    has_code = False
    for sides in files:
        file = sides.file
        if is_test(file.path) or is_document(file.path):
            continue
        has_code = has_code or not file.hunks
        for hunk in file.hunks:
            if any(code_lines(sides, hunk)):
                has_code = True
            elif any(line.strip() for line in (*hunk.removed, *hunk.added)) and _is_apart(sides, hunk, FAR):
                found.append((sides, hunk))
    if has_code and sum(hunk.size for _, hunk in found) < _MUCH_TALK:
        return
    for sides, hunk in found:
        yield objection(
            NO_REFACTORING, sides.file, "only comments, away from the fix", hunk=hunk, is_hint=True
        )


def _is_apart(sides: Sides, hunk: Hunk, far: int = 0) -> bool:
    """True when no other hunk changes code in the same definition, or within `far` lines."""
    first, last = hunk_span(hunk)
    if not hunk.added:
        first = last = hunk.new_start
    home = enclosing(sides.after.symbols, first)
    for other in sides.file.hunks:
        if other is hunk:
            continue
        removed, added = code_lines(sides, other)
        if not (removed or added) or _essence(removed) == _essence(added):
            continue
        begin = other.new_start
        end = begin + max(len(other.added) - 1, 0)
        if begin - far <= last and first <= end + far:
            return False
        if home is not None and home.line <= end and begin <= home.end_line:
            return False
    return True


def removed_symbols(difference: Difference, uses: Uses) -> Iterator[Objection]:
    """Object to a public definition that is gone, and that the fix did not stop using."""
    for placed in difference.gone:
        symbol, file = placed.symbol, placed.sides.file
        if is_test(file.path) or not symbol.is_public or uses.went_with_fix(symbol.name):
            continue
        hunk = hunk_before(file, symbol.line, symbol.end_line)
        if hunk is None or (hunk.added and hunk_at(file, hunk.new_start) is None):
            continue
        text = f"public {symbol.kind.value} `{symbol.qualified}` is gone"
        yield objection(NO_REFACTORING, file, text, hunk=hunk)
