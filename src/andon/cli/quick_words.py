"""Reads the usual words of a command without argparse, which costs a fifth of the start-up budget.

A command declares its words once, by the calls it would make on an `ArgumentParser`. What is plainly right
is read here; anything else (help, a mistake, an abbreviation, a subcommand) is left to argparse, so that
there is one set of rules and of messages. tests/unit/cli/test_quick_words.py holds the two together.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Container, Sequence
    from typing import Any, cast
else:

    def cast(_type, value):
        return value


#: What argparse calls the default of a word that leaves no trace when it is not given.
SUPPRESS = "==SUPPRESS=="


class Unusual(Exception):
    """Something that is left to argparse."""


class Given:
    """The values of a command's words, as attributes, like argparse's `Namespace`."""

    def __init__(self, values: dict[str, Any]) -> None:
        """Take the values by name."""
        self.__dict__.update(values)


class Word:
    """One declared option or positional."""

    __slots__ = ("choices", "convert", "default", "dest", "flag", "many", "required")

    def __init__(
        self,
        names: tuple[str, ...],
        *,
        action: str = "store",
        nargs: str | None = None,
        default: Any = None,
        type: Callable[[str], Any] = str,  # noqa: A002 - argparse's name for it
        choices: Container[Any] | None = None,
        required: bool = False,
        dest: str = "",
        **_shown: str | None,
    ) -> None:
        """Take what `ArgumentParser.add_argument` takes; raises Unusual for what is not read here."""
        is_option = names[0].startswith("-")
        if action not in ("store", "store_true") or nargs not in ((None,) if is_option else (None, "?", "+")):
            raise Unusual
        long = next((name for name in names if name.startswith("--")), names[0])
        self.dest = dest or long.lstrip("-").replace("-", "_")
        self.flag = action == "store_true"
        self.default = False if self.flag and default is None else default
        self.convert = type
        self.choices = choices
        self.many = nargs or ""
        self.required = required if is_option else nargs != "?"

    def read(self, text: str) -> Any:
        """Return the value that `text` stands for; raises Unusual for one that argparse will refuse."""
        try:
            value = self.convert(text)
        except (ValueError, TypeError):
            raise Unusual from None
        if self.choices is not None and value not in self.choices:
            raise Unusual
        return value


class Words:
    """Stands in for an `ArgumentParser` while a command declares its words, then reads them."""

    def __init__(self, prog: str) -> None:
        """Take the name under which the command is called, as argparse's parser has it."""
        self.prog = prog
        self._set: dict[str, Any] = {}
        self._options: dict[str, Word] = {}
        self._positionals: list[Word] = []
        self._all: list[Word] = []

    def add_argument(self, *names: str, **options: Any) -> None:
        """Declare a word; raises Unusual for one that only argparse can read."""
        word = Word(names, **options)
        self._all.append(word)
        if names[0].startswith("-"):
            self._options.update(dict.fromkeys(names, word))
        else:
            self._positionals.append(word)

    def set_defaults(self, **values: Any) -> None:
        """Take values that no word gives."""
        self._set.update(values)

    def add_argument_group(self, *_title: str) -> Words:
        """Declare a group: it only matters to the help."""
        return self

    def add_subparsers(self, **_options: Any) -> Words:
        """Leave subcommands to argparse."""
        raise Unusual

    def add_mutually_exclusive_group(self, **_options: Any) -> Words:
        """Leave words that exclude each other to argparse."""
        raise Unusual

    def read(self, argv: Sequence[str]) -> argparse.Namespace:
        """Return the values of all words; raises Unusual when it is not plain what they are."""
        values = {word.dest: _default(word) for word in self._all if word.default != SUPPRESS}
        loose: list[str] = []
        seen: set[str] = set()
        ended = False
        rest = iter(argv)
        for text in rest:
            if not text.startswith("-"):
                if ended:  # positionals with an option between them
                    raise Unusual
                loose.append(text)
                continue
            ended = bool(loose)
            name, equals, value = text.partition("=")
            word = self._options.get(name)
            if word is None or (equals and (word.flag or not name.startswith("--"))):
                raise Unusual
            values[word.dest] = True if word.flag else word.read(value if equals else _value(next(rest, "-")))
            seen.add(word.dest)
        if any(word.required and word.dest not in seen for word in self._options.values()):
            raise Unusual
        values.update(self._placed(loose))
        return cast("argparse.Namespace", Given({**self._set, **values}))

    def _placed(self, loose: list[str]) -> dict[str, Any]:
        """Give the positionals their texts, in order."""
        values: dict[str, Any] = {}
        for word in self._positionals:
            if word.many == "+":
                taken, loose = loose, []
            else:
                taken, loose = loose[:1], loose[1:]
            if taken:
                read = [word.read(text) for text in taken]
                values[word.dest] = read if word.many == "+" else read[0]
            elif word.required:
                raise Unusual
        if loose:
            raise Unusual
        return values


def _default(word: Word) -> Any:
    return (
        word.read(word.default) if isinstance(word.default, str) and word.convert is not str else word.default
    )


def _value(text: str) -> str:
    """Return the text that follows an option; one with a dash may be another option."""
    if text.startswith("-"):
        raise Unusual
    return text
