"""Reading one TOML table strictly: every complaint names the file and the line, nothing is guessed."""

from __future__ import annotations

import re
from difflib import get_close_matches
from math import isfinite

from andon.errors import InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


#: A name that a tool gets as an argument: it can neither be taken for an option nor hold a placeholder.
_NAME = re.compile(r"[A-Za-z0-9./_~][A-Za-z0-9./_~:@+-]{0,199}")
_HEADING = re.compile(r"\s*\[\[?\s*([\w.-]+)\s*\]\]?\s*(#.*)?$")


class Table:
    """A TOML table that remembers which of its keys were asked for."""

    def __init__(self, values: dict[str, Any], *, file: str, text: str, name: str = "", nth: int = 0) -> None:
        """Take the parsed values, the file's name and text (for line numbers), and its place there."""
        self._values = values
        self._file = file
        self._text = text
        self._name = name
        self._nth = nth
        self._asked: list[str] = []

    def string(self, key: str, default: str | None = None) -> str:
        """Return a text; without a default it is required."""
        value = self._take(key, default)
        if not isinstance(value, str):
            raise self.wrong(key, "a text in quotes")
        return value

    def named(self, key: str) -> str:
        """Return a required name: printable, as it stands in lists and messages."""
        name = self.string(key)
        if not name.strip() or not name.isprintable():
            raise self.wrong(key, "a few printable characters")
        return name

    def name(self, key: str, default: str = "") -> str:
        """Return a name that is handed to a tool; "" when it is not given."""
        name = self.string(key, default)
        if name and not _NAME.fullmatch(name):
            raise self.wrong(key, "a name of letters, digits and . / _ ~ : @ + - that does not start with -")
        return name

    def names(self, key: str) -> tuple[str, ...]:
        """Return names that are handed to a tool; a single one counts as a list of one."""
        names = self.strings(key)
        if not all(_NAME.fullmatch(name) for name in names):
            raise self.wrong(key, "names of letters, digits and . / _ ~ : @ + - that do not start with -")
        return names

    @property
    def given(self) -> tuple[str, ...]:
        """The keys that are there."""
        return tuple(self._values)

    def word(self, key: str, allowed: tuple[str, ...], default: str) -> str:
        """Return one of a few words."""
        value = self.string(key, default)
        if value not in allowed and value != default:
            raise self.wrong(key, f"one of {', '.join(allowed)}")
        return value

    def strings(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return a list of texts; a single text counts as a list of one."""
        value = self._take(key, default)
        if isinstance(value, str):
            return (value,)
        if not isinstance(value, (list, tuple)) or not all(isinstance(v, str) for v in value):
            raise self.wrong(key, "a list of texts")
        return tuple(value)

    def argv(self, key: str) -> tuple[str, ...]:
        """Return an argument list; a single text is refused, because no shell will split it."""
        value = self._take(key, ())
        if isinstance(value, str):
            raise self.wrong(key, 'an argument list like ["systemctl", "restart", "shop"]; there is no shell')
        if not isinstance(value, (list, tuple)) or not all(isinstance(v, str) for v in value):
            raise self.wrong(key, "a list of texts")
        if any("\0" in v for v in value):
            raise self.wrong(key, "free of NUL characters: no program can be given one")
        return tuple(value)

    def number(self, key: str, default: float, *, least: float = 0.0) -> float:
        """Return a number that is at least `least`."""
        value = self._take(key, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not isfinite(value):
            raise self.wrong(key, "a number")
        if value < least:
            raise self.wrong(key, f"at least {least:g}")
        return float(value)

    def whole(self, key: str, default: int, *, most: int, least: int = 0) -> int:
        """Return a whole number from `least` to `most`."""
        value = self._take(key, default)
        if type(value) is not int or not least <= value <= most:
            raise self.wrong(key, f"a whole number from {least} to {most}")
        return value

    def flag(self, key: str, default: bool) -> bool:
        """Return true or false."""
        value = self._take(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false")
        return value

    def numbers(self, key: str) -> tuple[int, ...]:
        """Return whole numbers; a single one counts as a list of one."""
        value = self._take(key, ())
        value = [value] if isinstance(value, int) and not isinstance(value, bool) else value
        if not isinstance(value, (list, tuple)) or not all(type(v) is int for v in value):
            raise self.wrong(key, "a whole number or a list of them")
        return tuple(value)

    def pairs(self, key: str) -> tuple[tuple[str, str], ...]:
        """Return a table of texts as pairs."""
        value = self._take(key, {})
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            raise self.wrong(key, "a table of texts")
        return tuple(value.items())

    def scalars(self, key: str) -> tuple[tuple[str, str | int | float | bool], ...]:
        """Return a table of texts, numbers, and true or false, as pairs."""
        value = self._take(key, {})
        if not isinstance(value, dict) or not all(_is_scalar(v) for v in value.values()):
            raise self.wrong(key, "a table of texts, numbers, and true or false")
        return tuple(value.items())

    def table(self, key: str) -> Table:
        """Return a table inside this one; empty when it is absent."""
        value = self._take(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key, f"a table: [{key}]")
        return Table(value, file=self._file, text=self._text, name=self._called(key))

    def tables(self, key: str) -> tuple[Table, ...]:
        """Return the tables of a list of tables."""
        value = self._take(key, [])
        if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
            raise self.wrong(key, f"a list of tables: [[{key}]]")
        return tuple(
            Table(v, file=self._file, text=self._text, name=self._called(key), nth=n)
            for n, v in enumerate(value, start=1)
        )

    def has(self, key: str) -> bool:
        """True when the key is there."""
        return key in self._values

    def finish(self) -> None:
        """Raise InvalidInput for a key nobody asked for: a misspelt setting must not be silently ignored."""
        for key in self._values:
            if key not in self._asked:
                close = get_close_matches(key, self._asked, 1)
                hint = f"did you mean {close[0]}?" if close else f"known here: {', '.join(self._asked)}"
                raise InvalidInput(
                    f"{self._called(key)} is not a setting; {hint}",
                    where=self._where(key),
                    rule="configuration",
                    remedy="Andon's docs/reference/configuration.md lists every setting",
                )

    def wrong(self, key: str, expected: str) -> InvalidInput:
        """Return the error for a value of the wrong kind."""
        return InvalidInput(
            f"{self._called(key)} must be {expected}",
            where=self._where(key),
            rule="configuration",
            remedy="Andon's docs/reference/configuration.md shows an example",
        )

    def _take(self, key: str, default: Any) -> Any:
        self._asked.append(key)
        value = self._values.get(key, default)
        if value is None:
            raise InvalidInput(
                f"{self._called(key)} is required",
                where=self._where(""),
                rule="configuration",
                remedy="Andon's docs/reference/configuration.md shows an example",
            )
        return value

    def _called(self, key: str) -> str:
        return f"{self._name}.{key}" if self._name else key

    def _where(self, key: str) -> str:
        return f"{self._file}:{self._line(key)}"

    def _line(self, key: str) -> int:
        """Return the line of a key: in the table's own part of the file, else where the table is begun."""
        lines = self._text.split("\n")
        headings = [(n, found[1]) for n, line in enumerate(lines) if (found := _HEADING.match(line))]
        own = [n for n, name in headings if name == self._name][max(self._nth, 1) - 1 :]
        start = own[0] + 1 if own else 0
        end = next((n for n, _ in headings if n >= start), len(lines))
        wanted = [(range(start, end), key), (range(start, len(lines)), f"{self._name}.{key}")]
        if not own:
            wanted.append((range(end), self._name))  # deploy = {...}
        for numbers, name in wanted:
            for number in numbers:
                if name and lines[number].split("=")[0].strip().strip("\"'[] ") == name:
                    return number + 1
        return max(start, 1)


def _is_scalar(value: object) -> bool:
    return isinstance(value, (str, int)) or (isinstance(value, float) and isfinite(value))


def refuse_twins(tables: tuple[Table, ...], names: list[str], key: str = "name") -> None:
    """Raise InvalidInput when two tables have the same name, which stands at `key`."""
    for number, (table, name) in enumerate(zip(tables, names, strict=True)):
        if name in names[:number]:
            raise table.wrong(key, f"unique; {name!r} is used twice")
