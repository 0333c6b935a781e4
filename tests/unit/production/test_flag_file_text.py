"""One flag in a file is replaced and given back, byte for byte, however the file is written."""

from __future__ import annotations

import json
import string
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.errors import InvalidInput, Refused
from andon.flags.overrides import KILL, ROLLOUT, Override, effective
from andon.production.flag_outline import KEPT, outline
from andon.production.flag_standing import Standing, definition_of, is_as_written, standing_in, with_layers


def kill(flag: str, variant: str = "off") -> Override:
    return Override(
        flag=flag,
        layer=KILL,
        variant=variant,
        operation="op-1",
        by="Mia Ünsal",
        at="2026-11-27T03:00:00Z",
        reason='"quoted", \u2028 and \x7f',
    )


def put(text: str, path: str, *overrides: Override) -> str:
    """Return the text with these layers above the flag of the first."""
    found = outline(text, path)
    key = overrides[0].flag
    known = standing_in(found).get(key)
    member = found.flags[key]
    before = known.before if known is not None else found.text[member.start : member.end]
    return with_layers(found, key, Standing(before=before, layers=overrides))


def take(text: str, path: str, key: str) -> str:
    found = outline(text, path)
    return with_layers(found, key, Standing(before=standing_in(found)[key].before, layers=()))


# ---- any JSON

SPACE = st.text(alphabet=" \t\n\r", max_size=4)
KEYS = st.text(max_size=8) | st.sampled_from(["flags", "$andon", "a", "b", "targeting", "é😀"])
PLAIN: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


@st.composite
def json_texts(draw: st.DrawFn, value: Any) -> str:
    """Write a value in any of the ways in which JSON can be written, keys twice among them."""
    space = draw(SPACE)
    if isinstance(value, dict):
        items = list(value.items())
        parts = [
            f"{draw(SPACE)}{draw(json_texts(key))}{draw(SPACE)}:{draw(SPACE)}{draw(json_texts(inner))}{space}"
            for key, inner in items
        ]
        return "{" + ",".join(parts) + (space if not parts else "") + "}"
    if isinstance(value, list):
        return "[" + ",".join(space + draw(json_texts(inner)) + space for inner in value) + "]"
    if isinstance(value, str):
        written = json.dumps(value, ensure_ascii=draw(st.booleans()))
        return written.replace("/", "\\/") if draw(st.booleans()) else written
    return json.dumps(value)


@st.composite
def flag_files(draw: st.DrawFn) -> tuple[str, list[str]]:
    """Return a file of flags, and the keys that can be overridden."""
    keys = draw(st.lists(KEYS.filter(bool), min_size=1, max_size=4, unique=True))
    flags = {}
    for key in keys:
        flag: dict[str, Any] = {
            "state": "ENABLED",
            "variants": {"on": True, "off": False},
            "defaultVariant": "on",
        }
        if draw(st.booleans()):
            flag["targeting"] = draw(PLAIN)
        if draw(st.booleans()):
            flag["metadata"] = draw(st.dictionaries(KEYS, st.text(max_size=4), max_size=2))
        flags[key] = flag
    root = draw(st.dictionaries(KEYS.filter(lambda k: k not in ("flags", KEPT)), PLAIN, max_size=2))
    root_items = draw(st.permutations([*root.items(), ("flags", flags)]))
    text = draw(json_texts(dict(root_items)))
    if draw(st.booleans()) and text.count('"state"'):  # a key twice inside of a flag
        text = text.replace('"state"', '"state": 1, "state"', 1)
    return draw(st.sampled_from(["", "\ufeff"])) + draw(SPACE) + text + draw(SPACE), keys


@settings(max_examples=150, deadline=None)
@given(flag_files(), st.data())
def test_what_was_put_above_any_json_is_taken_away_exactly(
    file: tuple[str, list[str]], data: st.DataObject
) -> None:
    text, keys = file
    first, second = data.draw(st.sampled_from(keys)), data.draw(st.sampled_from(keys))
    try:
        before = outline(text, "flags.json")
    except InvalidInput:
        return  # a lone surrogate in a key, or a number that JSON does not have
    rollout = Override(flag=first, layer=ROLLOUT, variant="on", percent=5.0, operation="op-0")
    killed = put(text, "flags.json", rollout, kill(first))
    after = outline(killed, "flags.json")
    assert after.flags[first].value == effective(before.flags[first].value, (rollout, kill(first)))
    assert {k: m.value for k, m in after.flags.items() if k != first} == {
        k: m.value for k, m in before.flags.items() if k != first
    }
    both = put(killed, "flags.json", kill(second)) if second != first else killed
    left = take(both, "flags.json", first)
    assert (take(left, "flags.json", second) if second != first else left) == text


# ---- YAML

YAML = """\
# flags of the shop
metadata: {version: 1}   # kept
flags:
  # the new checkout
  new-checkout:   # careful
    state: ENABLED
    variants:
      on: true
      off: false
    defaultVariant: off  # a text, as flagd reads it
    targeting:
      if:
      - {in: ["@example.com", {var: email}]}
      - on
      - null
    metadata:
      owner: Mia
      expires: 2027-01-31
      purpose: |
        two steps
        instead of five

  # the old one

  old: {state: ENABLED, variants: {on: true, off: false}, defaultVariant: on}
  'quoted key':
     state: ENABLED
     variants: {a: "1", b: "2"}
     defaultVariant: a
     metadata:
       safeVariant: b
       empty:
# the end
"""


@pytest.mark.parametrize("key", ["new-checkout", "old", "quoted key"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_yaml_keeps_its_comments_and_gets_its_text_back(key: str, newline: str, bom: str) -> None:
    text = bom + YAML.replace("\n", newline)
    variant = "b" if key == "quoted key" else "off"
    killed = put(text, "flags.yaml", kill(key, variant))
    found = outline(killed, "flags.yaml")
    assert found.flags[key].value["defaultVariant"] == variant
    assert "targeting" not in found.flags[key].value
    for comment in ("# flags of the shop", "# kept", "# the new checkout", "# the old one", "# the end"):
        assert comment in killed
    assert take(killed, "flags.yaml", key) == text


def test_yaml_words_are_read_as_flagd_reads_them() -> None:
    flag = outline(YAML, "flags.yml").flags["new-checkout"].value
    assert flag["variants"] == {"on": True, "off": False}
    assert flag["defaultVariant"] == "off"
    assert flag["metadata"]["expires"] == "2027-01-31"
    assert flag["targeting"]["if"][1:] == ["on", None]


FLOW = "{state: ENABLED, variants: {on: true, off: false}, defaultVariant: on}"


@pytest.mark.parametrize(
    "text",
    [
        f"flags:\n  a: &shared {FLOW}\n  b: *shared\n",
        "--- # one\nflags:\n  b:\n    variants: {on: true, off: false}\n    defaultVariant: on\n...\n",
        "{flags: {b: {variants: {on: true, off: false}, defaultVariant: on}}, metadata: {}}\n",
        "  flags:\n    b:\n      variants: {on: true, off: false}\n      defaultVariant: on\n",
        'flags:\n  "b": {"variants": {"on": true, "off": false}, "defaultVariant": "on"}',
    ],
)
def test_yaml_in_other_shapes(text: str) -> None:
    killed = put(text, "f.yaml", kill("b"))
    assert outline(killed, "f.yaml").flags["b"].value["defaultVariant"] == "off"
    assert take(killed, "f.yaml", "b") == text


def test_an_anchor_that_others_use_is_not_torn_out() -> None:
    text = "flags:\n  a: &one {variants: {on: true, off: false}, defaultVariant: on}\n  b: *one\n"
    with pytest.raises(Refused) as caught:
        put(text, "f.yaml", kill("a"))
    assert caught.value.where == "f.yaml:2"
    assert "by hand" in caught.value.remedy


NAMES = st.text(alphabet=string.ascii_letters + "-é", min_size=1, max_size=6)


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(NAMES, PLAIN, min_size=1, max_size=3), st.booleans(), st.integers(1, 6), st.data())
def test_what_was_put_above_any_yaml_is_taken_away_exactly(
    extra: dict[str, Any], flow: bool, indent: int, data: st.DataObject
) -> None:
    import yaml

    flags = {
        key: {"variants": {"on": True, "off": False}, "defaultVariant": "on", "metadata": {"x": value}}
        for key, value in extra.items()
    }
    text = yaml.safe_dump(
        {"flags": flags},
        allow_unicode=data.draw(st.booleans()),
        indent=indent,
        default_flow_style=flow or None,
    )
    key = data.draw(st.sampled_from(sorted(extra)))
    try:
        outline(text, "f.yaml")
    except InvalidInput:
        return
    killed = put(text, "f.yaml", kill(key))
    assert outline(killed, "f.yaml").flags[key].value["defaultVariant"] == "off"
    assert take(killed, "f.yaml", key) == text


# ---- after somebody else wrote


def test_a_formatter_in_between_does_not_stop_the_undo() -> None:
    text = '{"flags":{"a":{"variants":{"on":true,"off":false},"defaultVariant":"on"},"b":{}}}'
    formatted = json.dumps(json.loads(put(text, "f.json", kill("a"))), indent=4)
    found = outline(formatted, "f.json")
    assert is_as_written(found, "a", standing_in(found)["a"])
    assert json.loads(take(formatted, "f.json", "a")) == json.loads(text)


def test_an_edit_in_between_is_noticed() -> None:
    text = '{"flags":{"a":{"variants":{"on":true,"off":false},"defaultVariant":"on"}}}'
    killed = json.loads(put(text, "f.json", kill("a")))
    killed["flags"]["a"]["defaultVariant"] = "on"
    found = outline(json.dumps(killed), "f.json")
    standing = standing_in(found)["a"]
    assert not is_as_written(found, "a", standing)
    assert definition_of(found, "a", standing)["defaultVariant"] == "on"


# ---- what no reader takes


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("", 1, "no JSON object"),
        ('{"flags": {\n"a": {', 2, "in double quotes"),
        ('{"flags": {"a": {"x": NaN}}}', 1, "number"),
        ('{"flags": {}}\n x', 2, "something follows"),
        ('{\n"flags": {},\n"flags": {}}', 3, "twice"),
        ('{"flags": []}', 1, "no object of flags"),
        ('{"metadata": {}}', 1, "there is no object"),
        ('{"flags": {"a": ' + "[" * 10_000 + "]" * 10_000 + "}}", 1, "nested too deeply"),
        ('{"flags": {"a": ' + "9" * 5000 + "}}", 1, "number"),
        ('{"flags" {}}', 1, "colon"),
        ('{"flags": {"a": 1 "b": 2}}', 1, "comma"),
        ('{"flags": {"a": "\x01"}}', 1, "control character"),
    ],
)
def test_json_that_no_reader_takes_is_told_with_its_line(text: str, line: int, told: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        outline(text, "flags.json")
    assert caught.value.where == f"flags.json:{line}"
    assert told in str(caught.value)


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{b}: &{b} [*{a},*{a},*{a},*{a},*{a},*{a},*{a},*{a},*{a}]\n"
    for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("flags:\n  a: [", 3),
        ("flags:\n\ta: 1", 2),
        ("flags: {a: {x: !!python/object:os.system {}}}", 1),
        ("flags:\n  a: &a {x: *a}\n", 2),
        (BOMB + "flags: {a: *i}\n", 7),
        ("flags: {a: " + "[" * 10_000 + "]" * 10_000 + "}", 1),
        ("- flags", 1),
        ("flags: {}\n---\nflags: {}\n", 2),
        ("x: &x {a: {}}\nflags: *x\n", 2),
        ("x: &x {a: {}}\nflags:\n  <<: *x\n", 3),
    ],
)
def test_yaml_that_no_reader_takes_is_told_with_its_line(text: str, line: int) -> None:
    with pytest.raises(InvalidInput) as caught:
        outline(text, "flags.yaml")
    assert caught.value.where == f"flags.yaml:{line}"
    assert caught.value.message


def test_what_andon_keeps_is_not_guessed_at_when_it_was_changed() -> None:
    found = outline('{"$andon": {"a": {"before": 1}}, "flags": {"a": {}}}', "f.json")
    with pytest.raises(InvalidInput, match="not as Andon wrote it"):
        standing_in(found)
