"""The reviewed file: what counts, what does not and why, and how a line is added."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.secrets.exceptions import Exemption, hash_of, matching, read_exemptions, with_entry

TODAY = date(2026, 3, 1)
SALT = "ab" * 16
ENTRY = Exemption(
    kind="private-key",
    path="tests/key.pem",
    hash="0f" * 16,
    owner="ann",
    reason="made for this test",
    until=date(2026, 12, 31),
)


def text(line: str, salt: str = SALT) -> bytes:
    return f'# reviewed\nmix = "{salt}"\nexceptions = [\n  {line}\n]\n'.encode()


HASH = "0f" * 16
GOOD = (
    f'{{ path = "a.py", kind = "jwt", hash = "{HASH}", owner = "ann", reason = "old", until = 2026-12-31 }},'
)


def test_what_was_written_is_read() -> None:
    content = with_entry(b"", ENTRY, SALT)
    tomllib.loads(content.decode())
    found = read_exemptions(content, TODAY)
    assert (found.salt, found.entries, found.problems) == (SALT, (ENTRY,), ())
    assert matching(found.entries, ENTRY.path, ENTRY.kind, ENTRY.hash) == ENTRY
    assert matching(found.entries, "other", ENTRY.kind, ENTRY.hash) is None


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (GOOD.replace("2026-12-31", "2026-02-28"), "it ended on 2026-02-28"),
        (GOOD.replace("2026-12-31", "2027-03-02"), "it would hold for more than 365 days"),
        (GOOD.replace("2026-12-31", '"soon"'), "until is missing, or no date: 2026-12-31"),
        (GOOD.replace('"ann"', '" "'), "owner is missing"),
        (GOOD.replace('reason = "old", ', ""), "reason is missing"),
        (GOOD.replace("0f" * 16, "0f"), "hash is not 32 hexadecimal digits"),
        (GOOD.replace("owner", "owned"), "it has a field that is not known: owned"),
        (GOOD.replace('"a.py"', '"a.py'), "it is no TOML (TOMLDecodeError)"),
        ("everything = true", "it is neither an exception nor the mix"),
        (f'mix = "{"cd" * 16}"', "there is a second mix"),
    ],
)
def test_a_line_that_does_not_count_is_told_with_its_number(line: str, why: str) -> None:
    found = read_exemptions(text(line), TODAY)
    assert (found.entries, found.problems) == ((), (f"4: {why}",))


def test_a_bad_line_costs_only_itself() -> None:
    found = read_exemptions(text(GOOD + "\n  what\n  " + GOOD.replace("a.py", "b.py")), TODAY)
    assert [e.path for e in found.entries] == ["a.py", "b.py"]
    assert found.problems == ("5: it is neither an exception nor the mix",)


def test_nothing_counts_without_a_salt() -> None:
    found = read_exemptions(f"exceptions = [\n{GOOD}\n]\n".encode(), TODAY)
    assert (found.entries, found.problems) == ((), ("1: it has no mix, so none of it counts",))


def test_lines_are_sorted_and_replaced() -> None:
    content = with_entry(b"", ENTRY, SALT)
    content = with_entry(content, Exemption(**{**fields(), "path": "a.py"}), "ff" * 16)
    content = with_entry(content, Exemption(**{**fields(), "reason": "still"}), "ff" * 16)
    found = read_exemptions(content, TODAY)
    assert found.salt == SALT
    assert [(e.path, e.reason) for e in found.entries] == [
        ("a.py", "made for this test"),
        ("tests/key.pem", "still"),
    ]


def fields() -> dict[str, object]:
    return {name: getattr(ENTRY, name) for name in ENTRY.__fields__}


def test_the_hash_depends_on_the_salt_and_the_value() -> None:
    assert hash_of(b"one", SALT) == hash_of(b"one", SALT)
    assert len({hash_of(b"one", SALT), hash_of(b"two", SALT), hash_of(b"one", "cd" * 16)}) == 3


@given(st.text(min_size=1).filter(str.strip), st.text(min_size=1).filter(str.strip))
def test_any_words_can_be_kept(path: str, reason: str) -> None:
    entry = Exemption(**{**fields(), "path": path, "reason": reason})
    content = with_entry(b"", entry, SALT)
    found = read_exemptions(content, TODAY)
    assert [(e.path, e.reason) for e in found.entries] == [(path, reason)]
    tomllib.loads(content.decode())


@given(st.binary(max_size=300))
def test_anything_can_be_read(content: bytes) -> None:
    read_exemptions(content, TODAY)
