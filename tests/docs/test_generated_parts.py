"""The parts of the documentation that are made from the code are made again and compared."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from andon.cli.commands import COMMANDS, GROUPS
from andon.response.choice import RULES
from tests.docs import commands_part, events_part
from tests.docs.marked import DOCS, REMEDY, part_in, rows_of, with_part
from tests.docs.regenerate import PARTS


@pytest.mark.parametrize(("page", "part", "make"), PARTS, ids=[f"{page}:{part}" for page, part, _ in PARTS])
def test_a_part_is_what_the_code_says(page: str, part: str, make: Callable[[], str]) -> None:
    assert part_in((DOCS / page).read_text(encoding="utf-8"), part) == make(), REMEDY


def test_every_command_has_a_section() -> None:
    grouped = [name for _, names in GROUPS for name in names]
    assert sorted(grouped) == sorted(COMMANDS), "andon --help does not list every command exactly once"
    listing = commands_part.listing()
    for name in COMMANDS:
        assert f"\n### {name}\n" in listing


def test_every_word_and_subcommand_of_every_command_is_listed() -> None:
    for name in COMMANDS:
        parser, section = commands_part.parser_of(name), _section(name)
        for below, _, parser_below in commands_part.subcommands(parser):
            assert f"**`andon {name} {below}`**" in section
            assert _options(parser_below) <= _listed(section)
        assert _options(parser) <= _listed(section)


def _section(command: str) -> str:
    return commands_part.listing().partition(f"\n### {command}\n")[2].partition("\n### ")[0]


def _options(parser: object) -> set[str]:
    shared = {name for row in rows_of(commands_part.everywhere())[1:] for name in _names(row[0])}
    found = {name for action in parser._actions for name in action.option_strings}  # type: ignore[attr-defined]
    return found - shared - {"-h", "--help"}


def _listed(section: str) -> set[str]:
    return {name for row in rows_of(section) for name in _names(row[0])}


def _names(cell: str) -> list[str]:
    return [word.partition(" ")[0] for word in cell.replace("`", "").split(", ")]


#: Words of commands that still have no `help=`; take one out when it has.
SILENT: set[str] = set()


def test_every_word_says_what_it_means() -> None:
    silent = {
        f"{command} {row[0]}"
        for command in COMMANDS
        for row in rows_of(_section(command))
        if len(row) == 2 and not row[1]
    }
    assert silent <= SILENT, f"add help= to {', '.join(sorted(silent - SILENT))}"


def test_the_part_on_rules_explains_each_in_its_order() -> None:
    page = (DOCS / "reference" / "decision.md").read_text(encoding="utf-8")
    explained = page.partition("A rule holds when:")[2].partition("\n## ")[0]
    for number, rule in enumerate(RULES, start=1):
        assert f"\n{number}. `{rule.name}`: " in explained


def test_every_event_that_can_be_stored_is_listed() -> None:
    import andon.incident.evolve  # noqa: F401 - the codec knows what is imported
    from andon.incident import events
    from andon.record import Record

    stored = {
        name for name, kind in vars(events).items() if isinstance(kind, type) and issubclass(kind, Record)
    }
    parts = {r.name for r in events_part.described("incident/parts.py")}
    listed = {event.name for event in events_part.events()}
    assert stored - parts - {"Record", "ProtocolItem", "Event"} == listed


def test_every_field_of_every_event_is_listed() -> None:
    for event in events_part.events():
        section = events_part.listing().partition(f"\n### {event.name}\n")[2].partition("\n### ")[0]
        assert event.about.partition("\n")[0].endswith("."), f"{event.name} needs a sentence"
        assert [row[0] for row in rows_of(section)[1:]] == [f"`{field.name}`" for field in event.fields]


def test_a_page_without_markers_is_noticed() -> None:
    with pytest.raises(ValueError, match="no markers"):
        part_in("# nothing", "rules")


def test_a_part_is_replaced_and_nothing_else() -> None:
    begin, end = "<!-- x: made by python -m tests.docs.regenerate -->\n", "<!-- end of x -->\n"
    page = f"before\n{begin}old\n{end}after\n"
    assert with_part(page, "x", "new\n") == f"before\n{begin}new\n{end}after\n"
    assert part_in(page, "x") == "old\n"
