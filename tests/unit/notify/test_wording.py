"""Outgoing text: harmless whatever it says, and never longer than the service takes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from andon.notify.wording import harmless, title_and_body

texts = st.text(alphabet=st.one_of(st.characters(), st.sampled_from("@<!#>[]()\n\t\r\x1b\u202e\u200bae")))


@given(texts)
def test_harmless_text_stays_as_it_is(text: str) -> None:
    once = harmless(text)
    assert harmless(once) == once


@given(texts)
def test_no_mention_survives(text: str) -> None:
    sent = harmless(text)
    assert not any(call in sent for call in ("<!", "<@", "<#", "](", "\x1b", "\u202e", "\r"))


def test_an_address_or_a_comparison_stays_readable() -> None:
    assert harmless("mail ops@shop.example if a < b") == "mail ops@shop.example if a < b"


@given(texts, texts, st.integers(0, 300), st.integers(60, 5000))
def test_title_and_body_fit(title: str, body: str, title_limit: int, body_limit: int) -> None:
    heading, text = title_and_body(title, body, title_limit=title_limit, body_limit=body_limit)
    assert len(heading) <= title_limit or not title_limit
    assert len(text) + (0 if title_limit else len(heading) + 2) <= body_limit


def test_a_service_without_titles_gets_both_in_one_text() -> None:
    heading, text = title_and_body("t" * 100, "b" * 500, title_limit=0, body_limit=160)
    assert heading == "t" * 79 + "…"
    assert len(text) == 78
