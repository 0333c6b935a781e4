"""What the reader makes of one small text after another."""

from __future__ import annotations

import pytest

from andon.protocol.document import (
    AuthorityRule,
    Document,
    Item,
    Option,
    Point,
    Policy,
    Practices,
    Prose,
    Section,
)
from andon.protocol.parse import parse


def _boxes(text: str) -> list[tuple[int, bool, str, str]]:
    return [(i.line, i.checked, i.text, i.check_id) for i in parse(text, "x.md").checklist]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- [ ] one", [(1, False, "one", "")]),
        ("- [x] one\n- [X] two\n", [(1, True, "one", ""), (2, True, "two", "")]),
        ("* [ ] star\n\n+ [ ] plus", [(1, False, "star", ""), (3, False, "plus", "")]),
        ("1. [ ] numbered", [(1, False, "numbered", "")]),
        ("- [ ] **bold** and `code` {#a-check}", [(1, False, "bold and code", "a-check")]),
        ("- [ ] goes on\n  here {#an-id}\n", [(1, False, "goes on here", "an-id")]),
        (
            "- [ ] see [the page](https://example.org/x)",
            [(1, False, "see the page (https://example.org/x)", "")],
        ),
        ("- [ ] a\r\n- [ ] b\r\n", [(1, False, "a", ""), (2, False, "b", "")]),
        ("- [ ] a\r- [ ] b", [(1, False, "a", ""), (2, False, "b", "")]),
        ("\ufeff# Title\n- [ ] a", [(2, False, "a", "")]),
        ("> - [ ] quoted", [(1, False, "quoted", "")]),
        ("- [ ]", [(1, False, "", "")]),
        ("- [ ] a {#x} b", [(1, False, "a {#x} b", "")]),
        ("- [ ]no space", []),
        ("-[ ] no list", []),
        ("```\n- [ ] an example\n```", []),
        ("    - [ ] code", []),
        ("<!--\n- [ ] hidden\n-->", []),
    ],
)
def test_boxes(text: str, expected: list[tuple[int, bool, str, str]]) -> None:
    assert _boxes(text) == expected


def test_headings_nest_by_level_even_when_a_level_is_skipped() -> None:
    document = parse("# A\n### B\n## C {#anchor}\n# D\nSetext\n======\n", "x.md")
    seen = [
        (p.titles, p.node.title, p.node.level, p.node.line)
        for p in document.walk()
        if isinstance(p.node, Section)
    ]
    assert seen == [
        ((), "A", 1, 1),
        (("A",), "B", 3, 2),
        (("A",), "C", 2, 3),
        ((), "D", 1, 4),
        ((), "Setext", 1, 5),
    ]
    assert document.every(Section)[2].anchor == "anchor"
    assert document.title == "A"


def test_ordered_steps_keep_their_number_and_what_they_contain() -> None:
    document = parse("3. **Be sure:**\n   - [ ] first\n   - [ ] second\n4. Go\n\n   More about it.\n", "x.md")
    group, step = document.root.nodes
    assert isinstance(group, Item)
    assert (group.ordered, group.text, group.box) == (3, "Be sure:", False)
    assert [n.text for n in group.nodes if isinstance(n, Item)] == ["first", "second"]
    assert isinstance(step, Item)
    assert (step.ordered, step.line) == (4, 4)
    assert [n.text for n in step.nodes if isinstance(n, Prose)] == ["   More about it."]
    assert [p.node.line for p in document.placed_items] == [2, 3, 4], "a group is no item to settle"


def test_a_list_that_starts_at_zero_is_still_ordered() -> None:
    document = parse("0. first\n1. second\n", "x.md")
    assert [item.ordered for item in document.every(Item)] == [1, 2]


@pytest.mark.parametrize(
    "text",
    [
        "**Option B: Use the flag**\n- If the flag exists\n- Unless money is lost\n- See below\n",
        "### Option B: Use the flag\n\n- If the flag exists\n- Unless money is lost\n- See below\n",
        "- **Option B - Use the flag**\n  - If the flag exists\n  - Unless money is lost\n  - See below\n",
        "Option B) Use the flag\n1. If the flag exists\n2. Unless money is lost\n3. See below\n",
    ],
)
def test_options(text: str) -> None:
    (option,) = parse(text, "x.md").every(Option)
    assert (option.letter, option.title, option.response) == ("B", "Use the flag", "kill-switch")
    assert [rule.text for rule in option.rules] == ["If the flag exists", "Unless money is lost"]
    assert len(option.nodes) == 3, "what is no condition stays"


@pytest.mark.parametrize(
    ("title", "response"),
    [("Rollback (fast)", "rollback"), ("Hotfix", "hotfix"), ("Fix or roll back", ""), ("Wait", "")],
)
def test_the_response_of_an_option(title: str, response: str) -> None:
    (option,) = parse(f"Option A: {title}\n- If so\n", "x.md").every(Option)
    assert option.response == response


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("**Allowed shortcuts:**", "allowed"),
        ("Permitted during L3 HOTFIX:", "allowed"),
        ("## Required", "required"),
        ("**Forbidden during GEAR: HOTFIX:**", "forbidden"),
        ("Not allowed:", "forbidden"),
        ("#### Must not", "forbidden"),
    ],
)
def test_policy(label: str, kind: str) -> None:
    (policy,) = parse(f"{label}\n- one thing\n- [ ] another\n", "x.md").every(Policy)
    assert (policy.kind, len(policy.nodes)) == (kind, 2)


@pytest.mark.parametrize("dont", ["DON'T:", "**Don’t**", "Do not:", "Donts"])
def test_practices(dont: str) -> None:
    document = parse(f"- **DO:**\n  - this\n- {dont}\n  - that\n", "x.md")
    assert [
        (p.kind, [n.text for n in p.nodes if isinstance(n, Point)]) for p in document.every(Practices)
    ] == [
        ("do", ["this"]),
        ("dont", ["that"]),
    ]


@pytest.mark.parametrize(
    ("line", "condition", "decider"),
    [
        ("- **If nobody answers:** the duty officer decides", "nobody answers", "the duty officer decides"),
        ("- If unclear -> roll back", "unclear", "roll back"),
        ("- If Bo is awake then Bo decides", "Bo is awake", "Bo decides"),
        ("- If you are alone, you decide", "you are alone", "you decide"),
    ],
)
def test_who_decides(line: str, condition: str, decider: str) -> None:
    (rule,) = parse(f"## Who decides\n{line}\n", "x.md").every(AuthorityRule)
    assert (rule.condition, rule.decider, rule.line) == (condition, decider, 2)


def test_an_if_elsewhere_decides_nothing() -> None:
    assert parse("## Tips\n- If it rains: take a coat\n", "x.md").every(AuthorityRule) == ()


def test_the_template_of_the_postmortem() -> None:
    document = parse(
        "## Postmortem template\nDue soon.\n### Facts\n- **When:** at what hour?\n- Who was there?\n"
        "### Debt\n- [ ] Tests\n### Empty\n## After\n### Not this\n- x\n",
        "x.md",
    )
    assert [s.title for s in document.postmortem] == ["Facts", "Debt", "Empty"]
    facts, debt, _ = document.postmortem
    assert [(p.label, p.question, p.box, p.line) for p in facts.prompts] == [
        ("When", "at what hour?", False, 4),
        ("", "Who was there?", False, 5),
    ]
    assert [(p.label, p.box) for p in debt.prompts] == [("Tests", True)]


def test_a_checklist_about_the_postmortem_is_no_template() -> None:
    assert parse("## Postmortem\n- [ ] Schedule it\n- [ ] Hold it\n", "x.md").postmortem == ()
    assert parse("## Post-mortem\n- Root cause: why?\n", "x.md").postmortem[0].title == "Post-mortem"


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("# Postmortems and rollbacks\n## Facts\n- What?\n", ""),
        ("# Postmortem template\n## Facts\n- What?\n", "template"),
        ("# Ours\n## Retrospective\n### Facts\n- What?\n", "template"),
        ("# Ours\n## Postmortem\n### Facts\nSome prose\n", ""),
    ],
)
def test_which_section_is_the_template(text: str, role: str) -> None:
    found = [
        s.role for s in parse(text, "x.md").every(Section) if "ostmortem" in s.title or "Retro" in s.title
    ]
    assert found == [role]


def test_past_incidents_are_no_checklist() -> None:
    text = (
        "# Protocol\n- [ ] real\n## Incident Log\n### P0 in March\n- [x] old\n\nPostmortem within 3 hours\n"
    )
    document = parse(text, "x.md")
    assert [item.text for item in document.checklist] == ["real"]
    assert [item.text for item in document.every(Item, history=True)] == ["real", "old"]
    assert document.severities == ()
    assert document.deadlines == ()


def test_a_document_may_be_called_incident_log() -> None:
    assert len(parse("# Incident Log\n- [ ] a line\n", "x.md").checklist) == 1


def test_severities_and_deadlines() -> None:
    document = parse(
        "P1 and P0 CRITICAL, sev-2\n\nPostmortem: within 24 hours for a P0, within 3 days for a P1.\n\n"
        "Answer within 20 minutes. Refund within 2 weeks.\n",
        "x.md",
    )
    assert [(s.code, s.name, s.line) for s in document.severities] == [
        ("P0", "CRITICAL", 1),
        ("P1", "", 1),
        ("SEV2", "", 1),
    ]
    assert [(d.earliest, d.latest, d.severities, d.postmortem) for d in document.deadlines] == [
        (24, 24, ("P0",), True),
        (72, 72, ("P1",), True),
        (336, 336, (), False),
    ]


@pytest.mark.parametrize(
    ("text", "vocabulary"),
    [("GEAR: HOTFIX", "gears"), ("L3 HOTFIX and L1", "levels"), ("Process Level", "levels"), ("", "gears")],
)
def test_vocabulary(text: str, vocabulary: str) -> None:
    assert parse(text, "x.md").vocabulary == vocabulary


def test_a_box_without_a_bullet_is_kept_apart_from_the_item_above() -> None:
    text = "- [ ] Watch the logs\n  all day {#logs-clean}\n[ ] Delete the files\nand the rest\n  - [ ] c\n"
    above, below = parse(text, "x.md").checklist
    assert (above.text, above.line, above.end_line) == ("Watch the logs all day", 1, 2)
    assert (above.check_id, below.text) == ("logs-clean", "c")
    (apart,) = (n for n in above.nodes if isinstance(n, Prose))
    assert (apart.text, apart.line, apart.end_line) == ("[ ] Delete the files\nand the rest", 3, 4)


def test_what_is_not_understood_is_kept_word_for_word() -> None:
    text = "| a | b |\n|---|---|\n\n```sh\nrm x\n```\n\n[ref]: https://example.org\n\n<div>html</div>\n"
    kept = [(p.kind, p.line, p.text) for p in parse(text, "x.md").every(Prose)]
    assert kept == [
        ("paragraph", 1, "| a | b |\n|---|---|"),
        ("code", 4, "```sh\nrm x\n```"),
        ("unread", 8, "[ref]: https://example.org"),
        ("html", 10, "<div>html</div>"),
    ]


def test_lists_deeper_than_the_reader_goes_become_prose() -> None:
    deep = parse("\n".join("  " * n + f"- [ ] level{n}" for n in range(200)), "x.md")
    assert len(deep.checklist) >= 20
    assert "level199" in _all_text(deep)


def test_quotes_and_markers_nested_on_one_line_lose_nothing() -> None:
    for text in ("> " * 200 + "deepest", "- " * 200 + "deepest", "1. " * 200 + "deepest"):
        assert "deepest" in _all_text(parse(text, "x.md"))


def _all_text(document: Document) -> str:
    return "\n".join(str(getattr(p.node, "text", "")) for p in document.walk(history=True))
