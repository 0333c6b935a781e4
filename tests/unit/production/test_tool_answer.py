"""Whatever a tool prints, an answer is of the kind asked for, or the command that gave it is named."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.errors import Unavailable
from andon.production.release_names import distinct, image_tag, repository_of
from andon.production.tool_answer import Answer, ask, ask_json, ask_json_lines
from andon.production.version import is_version

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b"]), inner),
    max_leaves=12,
)


def printing(text: str) -> tuple[str, ...]:
    return (sys.executable, "-IS", "-c", f"print({text!r}, end='')")


@given(value=JSON, path=st.lists(st.sampled_from(["a", "b"]), max_size=3))
def test_an_answer_is_of_the_kind_that_was_asked_for(value: object, path: list[str]) -> None:
    answer = Answer(value, "tool list")
    for asked, kind in (
        (answer.text, str),
        (answer.whole, (int, type(None))),
        (answer.flag, (bool, type(None))),
        (answer.entries, tuple),
        (answer.texts, dict),
    ):
        try:
            found = asked(*path)
        except Unavailable as problem:
            assert problem.where == "tool list"
            assert problem.remedy == "run it yourself: tool list"
        else:
            assert isinstance(found, kind)
            assert not isinstance(found, bool) or asked == answer.flag


def test_what_is_not_there_is_empty() -> None:
    answer = Answer({"a": {"b": None}}, "tool")
    assert (answer.text("a", "b", "c"), answer.text("x")) == ("", "")
    assert (answer.whole("x"), answer.flag("x"), answer.entries("x"), answer.texts("x")) == (
        None,
        None,
        (),
        {},
    )
    assert (answer.has("a"), answer.has("a", "b")) == (True, False)


def test_texts_are_clean_and_short_and_numbers_may_be_written_out() -> None:
    answer = Answer({"a": "\x1b[31mred\x00\u202e" + "x" * 5000, "n": "17", "odd": "1e9", "b": True}, "tool")
    assert answer.text("a").startswith("redxxx") and len(answer.text("a")) < 2001
    assert answer.whole("n") == 17
    for odd in ("odd", "b"):
        with pytest.raises(Unavailable, match=f"{odd} is not a whole number"):
            answer.whole(odd)


def test_lines_or_a_list() -> None:
    for text in ('{"a": "1"}\n\n{"a": "2"}\n', '[{"a": "1"}, {"a": "2"}]'):
        assert [entry.text("a") for entry in ask_json_lines(printing(text))] == ["1", "2"]
    assert ask_json_lines(printing("")) == ()
    with pytest.raises(Unavailable, match="is not JSON: 'Cannot connect'"):
        ask_json_lines(printing("Cannot connect"))
    with pytest.raises(Unavailable):
        ask_json(printing(""))


def test_errors_of_the_tool_are_kept_out_of_its_answer() -> None:
    program = "import sys; print('warning: old', file=sys.stderr); print('[1]')"
    assert ask((sys.executable, "-IS", "-c", program)).strip() == "[1]"
    with pytest.raises(Unavailable, match="exit code 1: not logged in"):
        ask((sys.executable, "-IS", "-c", "raise SystemExit('not logged in')"))
    with pytest.raises(Unavailable, match="time limit"):
        ask((sys.executable, "-IS", "-c", "import time; time.sleep(60)"), timeout=0.3)


# -- names -----------------------------------------------------------------------------------------


@given(
    st.lists(
        st.tuples(st.sampled_from(["v1", "v2", "latest", "odd one", ""]), st.integers(0, 10**6)), unique=True
    )
)
def test_no_two_releases_have_one_name(releases: list[tuple[str, int]]) -> None:
    pairs = [(label, f"h{identity}") for label, identity in releases]
    names = distinct(pairs)
    given_names = [name for name in names if name]
    assert len(names) == len(pairs)
    assert len(set(given_names)) == len(given_names)
    assert all(map(is_version, given_names))
    # What came before does not change what something is called.
    assert distinct(pairs[:3]) == names[:3]


@pytest.mark.parametrize(
    ("reference", "repository", "tag"),
    [
        ("shop", "shop", "latest"),
        ("shop:v1", "shop", "v1"),
        ("registry:5000/acme/shop", "registry:5000/acme/shop", "latest"),
        ("registry:5000/acme/shop:v1", "registry:5000/acme/shop", "v1"),
        ("acme/shop@sha256:ab", "acme/shop", "sha256:ab"),
        ("acme/shop:v1@sha256:ab", "acme/shop", "v1"),
    ],
)
def test_an_image_reference_is_taken_apart(reference: str, repository: str, tag: str) -> None:
    assert (repository_of(reference), image_tag(reference)) == (repository, tag)
