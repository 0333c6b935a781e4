"""What every redactor promises: the fake, the real one, the service's, and the one that is made late."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from andon.secrets.redaction import PatternRedactor
from andon.secrets.service import ServiceRedactor
from andon.wiring.desk import LateRedactor
from tests.fakes.journal import FakeRedactor

if TYPE_CHECKING:
    from andon.desk.ports_journal import Redactor

VALUE = "".join(Random(5).choices("abcdefghkmnpqrstuvwxyz23456789", k=14))
OTHER = "".join(Random(6).choices("abcdefghkmnpqrstuvwxyz23456789", k=14))


@pytest.fixture(params=["fake", "service", "late"])
def redactor(request: pytest.FixtureRequest, tmp_path: Path) -> Redactor:
    """A redactor that knows VALUE, and not yet OTHER."""
    (tmp_path / ".env").write_text(f"SHOP_SECRET={VALUE}\n")
    service = ServiceRedactor(str(tmp_path), (".env",), lambda: str(tmp_path / "key"))
    kinds: dict[str, Redactor] = {
        "fake": FakeRedactor(VALUE.encode()),
        "service": service,
        "late": LateRedactor(lambda: service),
    }
    return kinds[request.param]


def test_a_known_value_becomes_a_marker_and_is_counted(redactor: Redactor) -> None:
    clean, hidden = redactor.redact(f"one {VALUE} two {VALUE} three".encode())
    assert hidden == 2
    assert VALUE.encode() not in clean
    assert clean.count(b"[redacted:") == 2
    assert (clean[:4], clean[-6:]) == (b"one ", b" three")


def test_it_is_idempotent(redactor: Redactor) -> None:
    clean, _ = redactor.redact(f"one {VALUE} two".encode())
    assert redactor.redact(clean) == (clean, 0)


def test_what_holds_no_secret_stays_as_it_is(redactor: Redactor) -> None:
    content = b"GET /checkout 200 in 14 ms\n\x00\xff\r\n"
    assert redactor.redact(content) == (content, 0)
    assert b"".join(redactor.redact_stream((content,))) == content
    assert redactor.redact_words("checkout answers 500 for old products") == (
        "checkout answers 500 for old products"
    )


@pytest.mark.parametrize("size", [1, 7, 64, 10_000])
def test_a_stream_gives_what_the_whole_gives_however_it_is_cut(redactor: Redactor, size: int) -> None:
    content = f"first {VALUE}\nand {VALUE}{VALUE} last\n".encode() * 20
    pieces = [content[place : place + size] for place in range(0, len(content), size)]
    assert b"".join(redactor.redact_stream(iter(pieces))) == redactor.redact(content)[0]
    assert b"".join(redactor.redact_stream(())) == b""


def test_words_lose_what_the_content_loses(redactor: Redactor) -> None:
    said = redactor.redact_words(f"the word is {VALUE}, says ops\udcff")
    assert VALUE not in said
    assert said.startswith("the word is [redacted:")
    assert said.endswith(", says ops\udcff")


def test_what_it_is_told_later_is_known_from_then_on(redactor: Redactor) -> None:
    text = f"door {OTHER} open"
    assert redactor.redact(text.encode())[1] == 0
    redactor.know((OTHER.encode(),))
    assert OTHER.encode() not in redactor.redact(text.encode())[0]
    assert OTHER.encode() not in b"".join(redactor.redact_stream((text.encode(),)))
    assert OTHER not in redactor.redact_words(text)
    assert VALUE not in redactor.redact_words(f"door {VALUE} open")


def test_a_mark_tells_secrets_apart(redactor: Redactor) -> None:
    marks = [redactor.mark(value.encode()) for value in (VALUE, OTHER, VALUE)]
    assert marks[0] == marks[2] != marks[1]
    assert all(len(mark) == 6 and int(mark, 16) >= 0 for mark in marks)


def test_the_real_one_calls_a_secret_the_same_in_a_marker() -> None:
    real = PatternRedactor(known=[VALUE.encode()], key=b"k" * 32)
    assert real.redact(VALUE.encode())[0].decode() == f"[redacted:known-value:{real.mark(VALUE.encode())}]"
