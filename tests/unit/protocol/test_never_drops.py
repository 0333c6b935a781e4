"""Whatever is in the file: no crash, no endless work, and every line with text has its place in the tree."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.protocol.bind import bind
from andon.protocol.compile import compile_protocol
from andon.protocol.compiled import CompiledProtocol
from andon.protocol.document import Document
from andon.protocol.lint import lint
from andon.protocol.parse import parse
from andon.protocol.show import data_of, lines_of

#: Pieces that mean something to Markdown or to this reader, so that chance meets the interesting places.
PIECES = [
    *(
        "# ",
        "## ",
        "- ",
        "* ",
        "1. ",
        "0. ",
        "999999999. ",
        "> ",
        "    ",
        "\t",
        "\n",
        "\n\n",
        "\r\n",
        "\r",
        "---",
        "===",
    ),
    *(
        "- [ ] ",
        "- [x] ",
        "-[ ] ",
        "[ ]",
        "{#id}",
        "{#",
        "}",
        "```",
        "~~~",
        "<!--",
        "-->",
        "<b>",
        "&amp;",
        "\\",
        "|",
    ),
    *(
        "Option A: x",
        "If so",
        "Allowed:",
        "DO:",
        "DON'T:",
        "Incident log",
        "Postmortem template",
        "P0",
        "L3 HOTFIX",
    ),
    *(
        "within 9 hours",
        "**",
        "__",
        "`",
        "[a]: b",
        "![i](",
        "](u)",
        "\0",
        "\x0b",
        "\x0c",
        "\x1b[31m",
        "\x85",
        "\u2028",
    ),
    *("word", "ünï", "\U0001f525", "\u202e", "\ufeff", "\ud800", "Step 1: ", "Who decides", "Rollback"),
]
TEXTS = st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=60).map("".join))


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_any_text_is_read_whole(text: str) -> None:
    document = parse(text, "any.md")
    placed = _placed_lines(document)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    lost = [n for n, line in enumerate(lines, 1) if line.strip().strip("\ufeff") and n not in placed]
    assert not lost
    assert all(1 <= p.node.line <= p.node.end_line <= len(lines) for p in document.walk(history=True))
    assert all(p.node.file == "any.md" for p in document.walk(history=True))


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_any_text_can_be_bound_linted_shown_and_compiled(text: str) -> None:
    document = parse(text, "any.md")
    bindings = bind(document)
    list(lines_of(document, bindings))
    data_of(document, bindings)
    for finding in lint(document):
        assert finding.line >= 1
        assert finding.remedy
    compiled = compile_protocol(document)
    keys = [item.key for item in compiled.items]
    assert len(set(keys)) == len(keys) == len(bindings)
    assert CompiledProtocol.from_json(compiled.to_json()) == compiled


WORDS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=9)
MARKERS = st.sampled_from(
    ["- ", "- [ ] ", "[ ] ", "  [x] ", "1. ", "# ", "### ", "> ", "", "  - ", "    - [ ] ", "> - "]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(MARKERS, st.lists(WORDS, min_size=1, max_size=4)), max_size=25))
def test_no_word_is_lost(entries: list[tuple[str, list[str]]]) -> None:
    text = "\n".join(marker + " ".join(words) for marker, words in entries)
    placed = parse(text).walk(history=True)
    kept = " ".join(f"{getattr(p.node, 'text', '')} {getattr(p.node, 'title', '')}" for p in placed)
    lost = [word for _, words in entries for word in words if word not in kept]
    assert not lost


@pytest.mark.parametrize(
    "text",
    [
        "a" * 1_000_000,
        "- [ ] " + "word " * 100_000,
        "*" * 50_000,
        "[" * 50_000,
        "`a" * 50_000,
        "- a\n" * 5_000,
        "- [ ] a\n" * 5_000,
        "# h\n" * 5_000,
        "[a]: b\n" * 5_000,
        "> " * 5_000 + "x",
        "".join(" " * n + "- x\n" for n in range(500)),
        "(" * 20_000,
        "- [ ] " + "(" * 9_000,
        "If " + "a, " * 20_000,
        "within " * 20_000,
        "- [ ] " + "gear " * 1_900,
        "P0 " * 50_000,
        "x\n\n" * 10_000,
    ],
    ids=lambda text: f"{text[:12]!r} x {len(text)}",
)
def test_large_and_hostile_texts_end_in_bounded_time(text: str) -> None:
    begin = time.process_time()
    document = parse(text, "big.md")
    lint(document)
    compile_protocol(document)
    assert time.process_time() - begin < 20, "seconds of processor time"


def _placed_lines(document: Document) -> set[int]:
    return {n for p in document.walk(history=True) for n in range(p.node.line, p.node.end_line + 1)}
