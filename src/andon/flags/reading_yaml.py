"""YAML of a flag file, by the core schema of YAML 1.2: `on`, `off`, `yes` and `no` are texts.

Built from PyYAML's events with a stack of its own, so that no nesting, alias or tag gets past a limit.
"""

from __future__ import annotations

from andon.flags.reading import refuse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from andon.flags.definitions import Pointer

MOST_DEPTH = 200
#: The most values of a file, aliases counted as what they stand for.
MOST_VALUES = 1_000_000
_CORE = "tag:yaml.org,2002:"
_WORDS = {"null": None, "true": True, "false": False}


class _Open:
    """A mapping or sequence that is being read."""

    __slots__ = ("anchor", "holds", "key", "key_line", "keys", "place", "size")

    def __init__(self, holds: Any, place: Pointer, anchor: str | None) -> None:
        self.holds = holds
        self.place = place
        self.anchor = anchor
        #: Where the keys of a mapping stand.
        self.keys: dict[str, int] = {}
        self.key: str | None = None
        self.key_line = 1
        self.size = 1


def read_yaml(text: str, path: str) -> tuple[Any, dict[Pointer, int]]:
    """Return what a text says, and the line of every value; raises InvalidInput with the line."""
    import yaml  # type: ignore[import-untyped]  # 15 ms that a program with flags in JSON never pays

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    reader = _Reader(path)
    try:
        for event in yaml.parse(text, Loader=loader):
            reader.take(type(event).__name__, event)
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 1
        is_short = line > text.rstrip().count("\n") + 1
        told = getattr(problem, "problem", None) or "characters that YAML does not take"
        if "nesting" in told:  # newer versions of libyaml count too
            refuse("nested too deeply to be read", path, line)
        refuse(f"no YAML: {told}{' (half-written?)' if is_short else ''}", path, line)
    except RecursionError:
        refuse("nested too deeply to be read", path, 1)
    return reader.document, reader.lines


class _Reader:
    """Makes a document of events."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.document: Any = None
        self.documents = 0
        self.values = 0
        self.lines: dict[Pointer, int] = {}
        self.waiting: list[_Open] = []
        #: Anchor to its value and its size; None while it is being read.
        self.anchors: dict[str, tuple[Any, int] | None] = {}

    def take(self, kind: str, event: Any) -> None:
        line = event.start_mark.line + 1
        match kind:
            case "DocumentStartEvent":
                self.documents += 1
                if self.documents > 1:
                    refuse("a flag file is one document", self.path, line)
            case "ScalarEvent":
                self.scalar(event, line)
            case "AliasEvent":
                known = self.anchors.get(event.anchor)
                if known is None:
                    refuse("an alias to nothing, or to what it is part of", self.path, line)
                self.put(known[0], known[1], line, None)
            case "MappingStartEvent" | "SequenceStartEvent":
                self.open(event, {} if kind[0] == "M" else [], line)
            case "MappingEndEvent" | "SequenceEndEvent":
                self.close()
            case _:
                pass

    def scalar(self, event: Any, line: int) -> None:
        above = self.waiting[-1] if self.waiting else None
        if above is not None and isinstance(above.holds, dict) and above.key is None:
            self.key(above, event, line)
            return
        value = self.meant(event, line)
        self.put(value, 1, line, event.anchor)

    def key(self, above: _Open, event: Any, line: int) -> None:
        """A key is the text that stands there: `true` and `1` are names as well."""
        key = str(event.value)
        if key == "<<" and event.implicit[0]:
            refuse("merge keys (`<<`) are not part of YAML 1.2", self.path, line)
        if key in above.keys:
            told = f"the key {key[:60]!a} stands here again, first in line {above.keys[key]}"
            refuse(told, self.path, line)
        above.keys[key] = line
        above.key, above.key_line = key, line
        if event.anchor:
            self.anchors[event.anchor] = (key, 1)

    def open(self, event: Any, holds: Any, line: int) -> None:
        above = self.waiting[-1] if self.waiting else None
        if above is not None and isinstance(above.holds, dict) and above.key is None:
            refuse("a key is a text", self.path, line)
        if len(self.waiting) >= MOST_DEPTH:
            refuse(f"nested more than {MOST_DEPTH} levels deep", self.path, line)
        wanted = "map" if isinstance(holds, dict) else "seq"
        if event.tag not in (None, "!", _CORE + wanted):
            refuse("a tag that a flag file has no use for", self.path, line)
        place = self.place(above)
        self.lines[place] = self.line(above, line)
        if event.anchor:
            self.anchors[event.anchor] = None
        self.waiting.append(_Open(holds, place, event.anchor))

    def close(self) -> None:
        done = self.waiting.pop()
        if done.anchor:
            self.anchors[done.anchor] = (done.holds, done.size)
        self.store(done.holds, done.size)

    def put(self, value: Any, size: int, line: int, anchor: str | None) -> None:
        above = self.waiting[-1] if self.waiting else None
        if above is not None and isinstance(above.holds, dict) and above.key is None:
            refuse("a key is a text that stands there, no alias", self.path, line)
        self.lines[self.place(above)] = self.line(above, line)
        if anchor:
            self.anchors[anchor] = (value, size)
        self.values += size
        if self.values > MOST_VALUES:
            refuse(f"more than {MOST_VALUES} values, aliases followed", self.path, line)
        self.store(value, size)

    def store(self, value: Any, size: int) -> None:
        if not self.waiting:
            self.document = value
            return
        above = self.waiting[-1]
        above.size += size
        if isinstance(above.holds, list):
            above.holds.append(value)
        else:
            above.holds[above.key] = value
            above.key = None

    @staticmethod
    def place(above: _Open | None) -> Pointer:
        if above is None:
            return ()
        step: str | int = len(above.holds) if isinstance(above.holds, list) else above.key or ""
        return (*above.place, step)

    @staticmethod
    def line(above: _Open | None, line: int) -> int:
        """A member of a mapping stands where its key does."""
        return above.key_line if above is not None and above.key is not None else line

    def meant(self, event: Any, line: int) -> Any:
        """Return what a scalar means: quoted it is a text, plain what the core schema says."""
        written = str(event.value)
        tag = event.tag
        if tag is not None and tag != "!":
            kind = tag.removeprefix(_CORE)
            if kind == "str":
                return written
            found = _plain(written)
            kinds = {"null": type(None), "bool": bool, "int": int, "float": (int, float)}
            if kind not in kinds or not isinstance(found, kinds[kind]):  # type: ignore[arg-type]
                refuse("a tag that a flag file has no use for", self.path, line)
            return float(found) if kind == "float" else found
        return _plain(written) if event.implicit[0] and tag is None else written


def _plain(written: str) -> Any:
    """Return a plain scalar's value by the core schema (YAML 1.2.2, 10.3.2)."""
    if written in ("", "~"):
        return None
    lower = written.lower()
    if lower in _WORDS and written in (lower, lower.capitalize(), lower.upper()):
        return _WORDS[lower]
    digits = written.lstrip("+-")
    if len(written) - len(digits) > 1 or not written.isascii() or "_" in written:
        return written
    if digits.isdecimal():
        return int(written) if len(digits) < 400 else written
    for prefix, base in (("0o", 8), ("0x", 16)):
        if written.startswith(prefix):
            try:
                return int(written[2:], base) if written[2:].isalnum() else written
            except ValueError:
                return written
    if lower in (".inf", "+.inf", "-.inf") or lower == ".nan":
        return float(lower.replace(".", ""))
    if digits[:1].isdecimal() or (digits[:1] == "." and digits[1:2].isdecimal()):
        try:
            return float(written)
        except ValueError:
            return written
    return written
