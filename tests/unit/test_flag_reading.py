"""Reading flag files: JSON and YAML mean the same; what is wrong is refused with its line."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.errors import InvalidInput
from andon.flags.reading import MOST_JSON, locate, read_document

AS_JSON = b"""{
  "flags": {
    "new-cart": {
      "state": "ENABLED",
      "variants": {"on": true,
                   "off": false},
      "defaultVariant": "off",
      "targeting": {"if": [
        {"in": [{"var": "plan"}, ["gold",
          "silver"]]}, "on"]}
    },
    "limit": {"state": "ENABLED", "variants": {"low": 1, "half": 0.5}}
  }
}
"""
AS_YAML = b"""# flags of the shop
flags:
  new-cart:
    state: ENABLED
    variants: {on: true, off: false}
    defaultVariant: off
    targeting:
      if:
        - in: [{var: plan}, [gold, silver]]
        - on
  limit:
    state: "ENABLED"
    variants:
      low: 1
      half: 0.5
"""


def test_json_and_yaml_mean_the_same() -> None:
    document = read_document(AS_JSON, "flags.json")
    assert document == json.loads(AS_JSON)
    assert read_document(AS_YAML, "flags.yaml") == document
    assert read_document(AS_YAML) == read_document(AS_JSON) == document  # told apart by what is in it


def test_a_mark_in_front_of_the_text_is_no_part_of_it() -> None:
    assert read_document(b"\xef\xbb\xbf" + AS_JSON) == read_document(AS_JSON)


def test_lines_of_json() -> None:
    places = locate(AS_JSON, "flags.json")
    assert places.line(("flags", "new-cart")) == 3
    assert places.line(("flags", "new-cart", "variants", "off")) == 6
    assert places.line(("flags", "new-cart", "targeting", "if", 0, "in", 1, 1)) == 10
    assert places.line(("flags", "limit", "variants", "half")) == 12
    assert places.line(("flags", "limit", "nothing", "here")) == 12
    assert places.line(("nothing",)) == 1


def test_lines_of_yaml() -> None:
    places = locate(AS_YAML, "flags.yml")
    assert places.line(("flags", "new-cart")) == 3
    assert places.line(("flags", "new-cart", "targeting", "if", 0, "in", 1, 1)) == 9
    assert places.line(("flags", "new-cart", "targeting", "if", 1)) == 10
    assert places.line(("flags", "limit", "variants", "half")) == 15


def test_a_list_of_flags_is_read_by_key_and_found_by_key() -> None:
    for content in (
        b'{"flags": [\n{"key": "a", "state": "ENABLED"},\n{"key": "b"}]}',
        b"flags:\n- {key: a, state: ENABLED}\n- key: b",
    ):
        assert read_document(content)["flags"] == {"a": {"state": "ENABLED"}, "b": {}}
        places = locate(content)
        assert (places.line(("flags", "a", "state")), places.line(("flags", "b"))) == (2, 3)


class TestCoreSchema:
    MEANT: tuple[tuple[str, Any], ...] = (
        ("on", "on"),
        ("off", "off"),
        ("yes", "yes"),
        ("No", "No"),
        ("y", "y"),
        ("true", True),
        ("False", False),
        ("tRue", "tRue"),
        ("null", None),
        ("~", None),
        ("", None),
        ("NULL", None),
        ("12", 12),
        ("-7", -7),
        ("+3", 3),
        ("012", 12),
        ("0o17", 15),
        ("0x1F", 31),
        ("1_000", "1_000"),
        ("12:30:45", "12:30:45"),
        ("2026-11-27", "2026-11-27"),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("-.inf", float("-inf")),
        ("1.2.3", "1.2.3"),
        ("'true'", "true"),
        ('"1"', "1"),
        ("!!str 1", "1"),
        ("!!int 1", 1),
        ("!!float 1", 1.0),
        ("! 1", "1"),
        ("--1", "--1"),
        ("e3", "e3"),
        ("0xZ", "0xZ"),
    )

    @pytest.mark.parametrize(("written", "meant"), MEANT)
    def test_a_scalar(self, written: str, meant: Any) -> None:
        found = read_document(f"flags:\n  a: {written}\n".encode(), "f.yaml")["flags"]["a"]
        assert found == meant
        assert type(found) is type(meant)

    def test_a_key_is_the_text_that_stands_there(self) -> None:
        content = b"flags: {a: {variants: {true: 1, on: 2, 1.0: 3, null: 4}}}"
        variants = read_document(content, "f.yaml")["flags"]["a"]["variants"]
        assert variants == {"true": 1, "on": 2, "1.0": 3, "null": 4}

    def test_an_alias_is_what_it_stands_for(self) -> None:
        content = b"flags:\n  a: &a {state: ENABLED}\n  b: *a\n  c: &t gold\n  d: *t\n"
        flags = read_document(content, "f.yaml")["flags"]
        assert flags["b"] == {"state": "ENABLED"}
        assert flags["d"] == "gold"


def doubled(levels: int) -> bytes:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, levels)]
    return "\n".join([*lines, "flags: {}"]).encode()


REFUSED: list[tuple[str, bytes, str, int, str]] = [
    ("nothing", b"", "f.json", 1, "half-written"),
    ("half of it", AS_JSON[:150], "f.json", 7, "half-written"),
    ("half a text", b'{"flags": {\n"a', "f.json", 2, "half-written"),
    ("no JSON", b'{"flags": {\n"a": yes}}', "f.json", 2, "no JSON"),
    ("a comma too many", b'{"flags": {\n"a": 1,}}', "f.json", 2, "no JSON"),
    ("no flags", b"{}", "f.json", 1, "`flags`"),
    ("a text", b'"flags"', "f.json", 1, "`flags`"),
    ("flags of another type", b'{\n"flags": 3}', "f.json", 2, "list of flags"),
    ("a flag twice", b'{"flags": {\n"a": 1,\n"b": {"a": 1},\n"a": 2}}', "f.json", 4, "first in line 2"),
    ("twice in one line", b'{"flags":\n{"a": 1, "a": 2}}', "f.json", 2, "first in line 2"),
    ("a flag of a list twice", b'{"flags": [{"key": "a"},\n{"key": "a"}]}', "f.json", 2, "earlier"),
    ("a list without keys", b'{"flags": [\n{"state": "x"}]}', "f.json", 2, "no key"),
    ("not a number", b'{"flags": {"a":\nNaN}}', "f.json", 2, "NaN"),
    ("no UTF-8", b'{"flags":\n\n"\xff"}', "f.json", 3, "UTF-8"),
    ("UTF-16", AS_JSON.decode().encode("utf-16"), "f.json", 1, "UTF-8"),
    ("deep JSON", b'{"flags":\n' + b'{"a":\n' * 10_000 + b"1" + b"}" * 10_001, "f.json", 501, "deep"),
    ("deep and open", b'{"flags":' + b"[" * 100_000, "f.json", 1, "deep"),
    ("a long number", b'{"flags": {"a": ' + b"1" * 9000 + b"}}", "f.json", 1, "digits"),
    ("a key twice", b"flags:\n  a: 1\n  b: 2\n  a: 3\n", "f.yaml", 4, "first in line 2"),
    ("half a mapping", b"flags:\n  a: {b: [\n", "f.yaml", 3, "half-written"),
    ("a tab", b"flags:\n\ta: 1", "f.yaml", 2, "no YAML"),
    ("deep YAML", b"flags: " + b"[" * 10_000, "f.yaml", 1, "deep"),
    ("deep block", b"\n".join(b" " * n + b"a:" for n in range(300)), "f.yaml", 201, "deep"),
    ("an alias of itself", b"flags: &f\n  a: *f", "f.yaml", 2, "alias"),
    ("an alias of nothing", b"flags:\n  a: *f", "f.yaml", 2, "alias"),
    ("an alias bomb", doubled(9), "f.yaml", 6, "values"),
    ("a tag", b"flags:\n  a: !!python/object/apply:os._exit [1]", "f.yaml", 2, "tag"),
    ("a tag that is not so", b"flags:\n  a: !!int x", "f.yaml", 2, "tag"),
    ("a merge", b"flags:\n  a: &a {x: 1}\n  b:\n    <<: *a", "f.yaml", 4, "merge"),
    ("two documents", b"flags: {}\n---\nflags: {}", "f.yaml", 2, "one document"),
    ("a list as a key", b"flags:\n  [a]: 1", "f.yaml", 2, "key"),
    ("a control character", b"flags:\n  a: \x07", "f.yaml", 1, "YAML"),
    ("nothing in YAML", b"# nothing", "f.yaml", 1, "`flags`"),
]


@pytest.mark.parametrize(
    ("content", "path", "line", "told"), [pytest.param(*case, id=name) for name, *case in REFUSED]
)
def test_what_is_refused_with_its_line(content: bytes, path: str, line: int, told: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_document(content, path)
    assert refused.value.where == f"{path}:{line}"
    assert told in refused.value.message
    assert refused.value.rule == "flag-file"
    assert refused.value.remedy
    assert refused.value.message.isprintable()


def test_a_file_too_large_is_refused_before_it_is_read() -> None:
    for path, size in (("f.json", 50 << 20), ("f.json", MOST_JSON + 1), ("f.yaml", 5 << 20)):
        with pytest.raises(InvalidInput, match="MiB"):
            read_document(b" " * size, path)


def test_depth_is_refused_in_a_thread_too() -> None:
    found: list[object] = []

    def read() -> None:
        try:
            read_document(b'{"flags":' + b"[" * 100_000)
        except InvalidInput as refused:
            found.append(refused)

    thread = threading.Thread(target=read)
    thread.start()
    thread.join(20)
    assert len(found) == 1


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=60)
    | st.text("flags:{}[]\"',#&*!-? \n\t0e.", max_size=60).map(str.encode)
    | st.integers(0, len(AS_JSON)).map(lambda size: AS_JSON[:size])
    | st.integers(0, len(AS_YAML)).map(lambda size: AS_YAML[:size])
)
def test_any_bytes_are_a_document_or_refused(content: bytes) -> None:
    for path in ("f.json", "f.yaml", ""):
        try:
            assert isinstance(read_document(content, path)["flags"], dict)
        except InvalidInput as refused:
            assert refused.where


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-99, 99)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=4), inner, max_size=3)
    ),
    max_leaves=12,
)


def every_place(value: Any, place: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    below = (
        list(value.items())
        if isinstance(value, dict)
        else list(enumerate(value))
        if isinstance(value, list)
        else []
    )
    found = [(*place, step) for step, _ in below]
    return found + [deeper for step, inner in below for deeper in every_place(inner, (*place, step))]


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(max_size=4).filter(str.isascii), VALUES, max_size=4))
def test_every_value_of_json_is_found_in_its_line(flags: dict[str, Any]) -> None:
    document = {"flags": flags}
    text = json.dumps(document, indent=1)
    lines = locate(text.encode(), "f.json").lines
    assert set(lines) == set(every_place(document))
    written = text.split("\n")
    for place, line in lines.items():
        if isinstance(place[-1], str):
            assert json.dumps(place[-1]) in written[line - 1]
