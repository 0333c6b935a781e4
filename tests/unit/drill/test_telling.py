"""The story fits its terminal and speaks plainly into a file."""

import io

import pytest

from andon.drill.telling import Telling


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


class AsciiFile(io.StringIO):
    """A file that can only hold ASCII."""

    encoding = "ascii"


def whole_story(telling: Telling) -> None:
    telling.chapter("Pull the cord")
    telling.say("The checkout fails for most customers and nobody knows why yet. " * 3)
    telling.command('andon declare "Checkout fails" --severity P0 --impact report "errors at checkout"')
    telling.frame("short\n" + "a long line of output " * 20 + "\n    indented " + "x" * 300)
    telling.proof("Confirm production impact", "confirmed by probe, report")
    telling.customers(12, 8)
    telling.table([("time to mitigate", "12 s")])


@pytest.mark.parametrize("columns", [80, 120, 40])
def test_no_line_is_wider_than_the_terminal_or_the_narrowest_page(monkeypatch, columns) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    stream = io.StringIO()
    whole_story(Telling(stream))
    widest = max(len(line) for line in stream.getvalue().splitlines())
    assert widest <= max(columns, 60)


def test_a_file_gets_no_colours(monkeypatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = io.StringIO()
    whole_story(Telling(stream))
    assert "\x1b" not in stream.getvalue()


def test_a_terminal_gets_colours_unless_told_otherwise(monkeypatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    coloured = Terminal()
    whole_story(Telling(coloured, fast=True))
    monkeypatch.setenv("NO_COLOR", "1")
    plain = Terminal()
    whole_story(Telling(plain, fast=True))
    assert "\x1b[" in coloured.getvalue()
    assert "\x1b" not in plain.getvalue()


def test_a_stream_without_line_drawing_gets_ascii() -> None:
    stream = AsciiFile()
    whole_story(Telling(stream))
    assert stream.getvalue().isascii()


def test_control_characters_in_output_are_not_passed_on() -> None:
    stream = io.StringIO()
    Telling(stream).frame("evil \x1b]0;title\x07 \x1b[31mred")
    assert "\x1b" not in stream.getvalue()
    assert "\x07" not in stream.getvalue()


def test_a_long_output_is_cut_with_a_note() -> None:
    stream = io.StringIO()
    Telling(stream).frame("\n".join(f"line {n}" for n in range(30)), limit=10)
    assert "20 more lines" in stream.getvalue()
    assert "line 29" not in stream.getvalue()
