"""Read a flag file: JSON or YAML, bytes in, the document out. What the document is worth is judged elsewhere.

Whatever is wrong with the file as a whole is InvalidInput with its line: whoever reads keeps the last good.
"""

from __future__ import annotations

from andon.errors import InvalidInput
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from andon.flags.definitions import Pointer

#: The most bytes of a file; YAML takes fifty times as long to read.
MOST_JSON = 20 << 20
MOST_YAML = 4 << 20


class Places(Record):
    """Where the values of a file stand: the line of each, from 1."""

    lines: dict[Pointer, int]

    def line(self, pointer: Pointer) -> int:
        """Return the line of a value, or of the nearest thing around it; 1 for the whole file."""
        for length in range(len(pointer), 0, -1):
            if (found := self.lines.get(pointer[:length])) is not None:
                return found
        return 1


def read_document(content: bytes, path: str = "") -> dict[str, Any]:
    """Return the document of a flag file, its flags as an object by key (flagd's list becomes one).

    Raises InvalidInput, with the line where it can be told, for what is no JSON or YAML, half-written, too
    large, nested too deeply, says one key twice or has no flags in it.
    """
    text = _text(content, path)
    if _is_yaml(text, path):
        from andon.flags.reading_yaml import read_yaml

        document, lines = read_yaml(text, path)
    else:
        from andon.flags.reading_json import read_json

        document, lines = read_json(text, path), None
    if not isinstance(document, dict) or "flags" not in document:
        refuse("a flag file is an object with `flags`", path, 1)
    return {**document, "flags": _by_key(document["flags"], lines, text, path)}


def locate(content: bytes, path: str = "") -> Places:
    """Return where everything in a flag file stands; raises InvalidInput as `read_document` does.

    The flags of a list are found by key, as they are in the document that `read_document` returns.
    """
    text = _text(content, path)
    if _is_yaml(text, path):
        from andon.flags.reading_yaml import read_yaml

        document, lines = read_yaml(text, path)
    else:
        from andon.flags.reading_json import lines_of, read_json

        document, lines = read_json(text, path), lines_of(text)
    flags = document.get("flags") if isinstance(document, dict) else None
    if isinstance(flags, list):
        keys = {i: flag["key"] for i, flag in enumerate(flags) if isinstance(flag, dict) and "key" in flag}
        for pointer, line in tuple(lines.items()):
            if pointer[:1] == ("flags",) and len(pointer) > 1 and pointer[1] in keys:
                lines[("flags", keys[pointer[1]], *pointer[2:])] = line
    return Places(lines=lines)


def refuse(message: str, path: str, line: int) -> NoReturn:
    """Raise InvalidInput for a place in a file."""
    where = f"{path or 'flags'}:{line}"
    raise InvalidInput(message, where=where, rule="flag-file", remedy=f"mend {path or 'the file'} there")


def _text(content: bytes, path: str) -> str:
    if len(content) > MOST_JSON:
        refuse(f"the file has {len(content) >> 20} MiB, a flag file at most {MOST_JSON >> 20}", path, 1)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        refuse("the file is not UTF-8", path, line)


def _is_yaml(text: str, path: str) -> bool:
    ending = path.rpartition(".")[2].lower()
    is_yaml = ending in ("yaml", "yml") or (ending != "json" and text.lstrip()[:1] not in ("{", "["))
    if is_yaml and len(text) > MOST_YAML:
        refuse(f"a flag file in YAML has at most {MOST_YAML >> 20} MiB; as JSON it may have more", path, 1)
    return is_yaml


def _by_key(flags: Any, lines: dict[Pointer, int] | None, text: str, path: str) -> dict[str, Any]:
    if isinstance(flags, dict):
        return flags
    if lines is None:
        from andon.flags.reading_json import lines_of

        lines = lines_of(text)
    if not isinstance(flags, list):
        refuse("`flags` is an object by key, or a list of flags with keys", path, lines.get(("flags",), 1))
    found: dict[str, Any] = {}
    for place, flag in enumerate(flags):
        line = lines.get(("flags", place), 1)
        key = flag.get("key") if isinstance(flag, dict) else None
        if not isinstance(key, str) or not key:
            refuse(f"flag {place + 1} of the list has no key", path, line)
        if key in found:
            refuse(f"flag {place + 1} of the list has the key of an earlier one", path, line)
        found[key] = {name: value for name, value in flag.items() if name != "key"}
    return found
