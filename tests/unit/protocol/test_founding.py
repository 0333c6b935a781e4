"""The two founding documents run as they are: one protocol, in two vocabularies."""

from __future__ import annotations

from pathlib import Path

import pytest

from andon.protocol.bind import bind, tally
from andon.protocol.compile import compile_protocol
from andon.protocol.document import AuthorityRule, Document, Node, Option, Point, Policy, Practices, Section
from andon.protocol.gate_words import rule_for
from andon.protocol.lint import lint
from andon.protocol.parse import parse
from andon.protocol.words import gears_in, neutral
from tests.unit.protocol.founding import GEARS, LEVELS, needs_founding

pytestmark = needs_founding


def _read(path: Path) -> Document:
    return parse(path.read_text(encoding="utf-8"), path.name)


@pytest.mark.parametrize("path", [GEARS, LEVELS], ids=lambda path: path.stem)
class TestEachDocument:
    def test_every_line_has_its_place(self, path: Path) -> None:
        document = _read(path)
        placed = {n for p in document.walk(history=True) for n in range(p.node.line, p.node.end_line + 1)}
        lines = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        assert [n for n, line in lines if line.strip() and n not in placed] == []

    def test_it_has_53_lines_to_check_off_and_all_of_them_bind(self, path: Path) -> None:
        document = _read(path)
        assert len(document.checklist) == 53
        counted = tally(binding for binding in bind(document) if binding.item.box)
        assert (counted.items, counted.unbound) == (53, 0)
        assert counted.machine == 51
        assert tally(bind(document)).unbound == 0, "the ordered steps bind too"

    def test_it_lints_clean(self, path: Path) -> None:
        assert lint(_read(path)) == ()

    def test_what_it_says_of_flags_is_asked(self, path: Path) -> None:
        document = _read(path)
        ordered = [b for b in bind(document) if b.item.ordered]
        own = [b.check for b in ordered if b.placed.titles[-1] == "Emergency Flag Usage"]
        emergency = [check.id for check in own if check]
        assert emergency == ["response-applied", "failure-resolved", "proper-fix", "feature-restored"]
        practices = [
            rule_for(n.text) for one in document.every(Practices) for n in one.nodes if isinstance(n, Point)
        ]
        tidy = ["flags-tidy"] * 3
        assert practices == ["flags-off", "flags-tested", "flags-tidy", "flags-off", *tidy]

    def test_its_parts_are_understood(self, path: Path) -> None:
        document = _read(path)
        assert [(o.letter, o.response, len(o.rules)) for o in document.every(Option)] == [
            ("A", "rollback", 3),
            ("B", "hotfix", 3),
        ]
        assert [(p.kind, len(p.nodes)) for p in document.every(Policy)] == [
            ("allowed", 4),
            ("required", 6),
            ("forbidden", 4),
        ]
        assert [(p.kind, len(p.nodes)) for p in document.every(Practices)] == [("do", 4), ("dont", 3)]
        assert len(document.every(AuthorityRule)) == 4
        assert [len(section.prompts) for section in document.postmortem] == [4, 4, 3, 4, 5, 3]
        assert [(s.code, bool(s.name)) for s in document.severities] == [("P0", True), ("P1", True)]

    def test_it_compiles_to_what_an_incident_adopts(self, path: Path) -> None:
        compiled = compile_protocol(_read(path), "digest")
        assert (compiled.postmortem_hours_p0, compiled.postmortem_hours_p1) == (24, 48)
        assert (len(compiled.allowed), len(compiled.required), len(compiled.forbidden)) == (4, 6, 4)
        assert len(compiled.sections) == 6
        phases = [item.phase for item in compiled.items]
        assert {phase: phases.count(phase) for phase in dict.fromkeys(phases)} == {
            "declare": 4,
            "assess": 4,
            "act": 15,
            "review": 5,
            "policy": 6,
            "gap": 9,
            "prevention": 7,
            "template": 9,
        }
        when = [item.when for item in compiled.items]
        assert {name: when.count(name) for name in dict.fromkeys(when)} == {
            "always": 12,
            "review": 14,
            "hotfix": 6,
            "rollback": 9,
            "gap": 14,
            "kill-switch": 4,
        }


def test_both_vocabularies_are_one_protocol() -> None:
    gears, levels = _read(GEARS), _read(LEVELS)
    assert (gears.vocabulary, levels.vocabulary) == ("gears", "levels")
    assert _shape(gears) == _shape(levels)
    one, other = compile_protocol(gears), compile_protocol(levels)
    assert [_neutral_item(item) for item in one.items] == [_neutral_item(item) for item in other.items]
    assert [(b.check, b.how) for b in bind(gears)] == [(b.check, b.how) for b in bind(levels)]


def test_both_vocabularies_name_the_same_gears() -> None:
    def named(document: Document) -> list[tuple[int, tuple[str, ...]]]:
        texts = ((p.node.line, gears_in(_text(p.node))) for p in document.walk())
        return [(line, gears) for line, gears in texts if gears]

    assert named(_read(GEARS)) == named(_read(LEVELS))
    assert {gear for _, gears in named(_read(GEARS)) for gear in gears} == {"HOTFIX", "BUILD", "SHIP"}


def test_the_incident_log_is_history() -> None:
    (log,) = [s for s in _read(GEARS).every(Section) if s.role == "history"]
    assert any(isinstance(node, Section) for node in log.nodes), "it is kept, with its entries"


def _shape(document: Document) -> list[object]:
    return [
        (type(p.node).__name__, len(p.above), p.node.line, neutral(_text(p.node)))
        for p in document.walk()
        if not (isinstance(p.node, Section) and p.node.role == "history") and p.node.line < 256
    ]


def _neutral_item(item: object) -> tuple[object, ...]:
    fields = [
        getattr(item, field) for field in ("key", "phase", "line", "check", "manual", "ordered", "when")
    ]
    return (*fields, neutral(item.text), [neutral(title) for title in item.section])


def _text(node: Node) -> str:
    return str(getattr(node, "text", "") or getattr(node, "title", ""))
