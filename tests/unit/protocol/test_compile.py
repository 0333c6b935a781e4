"""What an incident adopts: keys, phases, responses, deadlines, policy."""

from __future__ import annotations

import pytest

from andon.errors import InvalidInput
from andon.protocol.compile import compile_protocol
from andon.protocol.compiled import CompiledProtocol, ProtocolItem
from andon.protocol.parse import parse


def _items(text: str) -> tuple[ProtocolItem, ...]:
    return compile_protocol(parse(text, "x.md")).items


@pytest.mark.parametrize(
    ("titles", "phase", "when"),
    [
        (["Step 1: Declaration"], "declare", "always"),
        (["GEAR: HOTFIX Flow", "Triage"], "assess", "always"),
        (["Decision"], "choose", "always"),
        (["Rollback"], "act", "rollback"),
        (["L3 HOTFIX", "Deploy"], "act", "always"),
        (["Deploy fix or rollback"], "act", "always"),
        (["Hotfix"], "act", "hotfix"),
        (["Flags", "Emergency"], "act", "kill-switch"),
        (["Post-incident review"], "review", "review"),
        (["Tests passed but users failed"], "gap", "gap"),
        (["Tests passed but users failed", "Prevention"], "prevention", "gap"),
        (["Prevention"], "prevention", "review"),
        (["Postmortem template", "Debt"], "template", "review"),
        (["Hotfix", "Required"], "policy", "hotfix"),
        (["Mitigate", "Option 2: Patch forward"], "act", "hotfix"),
        (["Anything"], "act", "always"),
    ],
)
def test_phase_and_response_come_from_the_headings(titles: list[str], phase: str, when: str) -> None:
    headings = "\n".join(f"{'#' * level} {title}" for level, title in enumerate(titles, 2))
    (item,) = _items(f"# Postmortems and rollbacks: our runbook\n{headings}\n- [ ] Water the plants\n")
    assert (item.phase, item.when) == (phase, when)


def test_without_a_telling_heading_the_check_says_the_phase() -> None:
    items = _items("- [ ] Notify the team\n- [ ] Schedule the postmortem\n")
    assert [(i.phase, i.when) for i in items] == [("declare", "always"), ("review", "review")]


def test_work_for_afterwards_is_no_part_of_the_act() -> None:
    (item,) = _items("## Flag\n1. Re-enable it\n")
    assert (item.check, item.phase, item.when) == ("feature-restored", "prevention", "kill-switch")


def test_keys_are_short_stable_and_unique() -> None:
    text = (
        "## Step 2: Look\n- [ ] a\n- [ ] b\n## What was skipped\n- [ ] c\n## Skipped again\n- [ ] d\n"
        "## Logs\n- [ ] e {#logs-clean}\n- [ ] f {#logs-clean}\n- [ ] g\n- [ ] h {#unknown-id}\n"
        "## 42\n- [ ] i {#manual}\n"
    )
    keys = [item.key for item in _items(text)]
    assert keys == [
        *("s2.1", "s2.2", "skipped.1", "skipped.2"),
        *("logs-clean", "logs-clean.2", "logs.1", "logs.2", "item.1"),
    ]


def test_an_item_says_where_it_stands() -> None:
    item = _items("# Ours\n## Rollback\n2. Safe?\n   1. [ ] Data corruption looked for\n")[0]
    assert item.section == ("Ours", "Rollback", "Safe?")
    assert (item.line, item.ordered, item.check, item.manual) == (4, 1, "no-data-corruption", "judgement")


def test_numbers_in_lists_that_are_no_steps_are_no_items() -> None:
    text = "Option A: x\n1. If so\n2. See there\n\nForbidden:\n1. this\n\n## Postmortem template\n1. What?\n"
    assert _items(text) == ()


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("", (24, 48)),
        ("Hold the postmortem within 12-36 hours.", (12, 36)),
        ("Hold the postmortem within 2 days.", (48, 48)),
        ("Postmortem within 6 hours for P0, within 30 hours for P1 and P2.", (6, 30)),
        ("Postmortem for every P1: within 30 hours for a P1.", (24, 30)),
        ("Answer within 2 hours.", (24, 48)),
        ("Postmortem within 10 minutes.", (24, 48)),
        ("Postmortem within 5 hours. Postmortem within 9 hours.", (5, 5)),
    ],
)
def test_deadlines(text: str, hours: tuple[int, int]) -> None:
    compiled = compile_protocol(parse(text))
    assert (compiled.postmortem_hours_p0, compiled.postmortem_hours_p1) == hours


def test_policy_lines_of_several_lists_are_joined() -> None:
    compiled = compile_protocol(parse("Allowed:\n- a\n- [ ] b\n\nElsewhere\n\n## Allowed\n1. c\n"))
    assert compiled.allowed == ("a", "b", "c")


def test_the_plain_form_reads_back() -> None:
    text = "## Forbidden\n- x\n## Postmortem template\n### F\n- **A:** b?\n"
    compiled = compile_protocol(parse(text, "f.md"), "digest")
    assert CompiledProtocol.from_json(compiled.to_json()) == compiled
    assert compiled.title == "Forbidden"


@pytest.mark.parametrize(
    "data", [{}, {"items": 1}, {"items": [{}]}, {"items": [], "title": "x"}, {"items": ["x"]}]
)
def test_something_else_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        CompiledProtocol.from_json(data)


def test_a_flow_named_after_its_gear_is_for_every_response() -> None:
    text = "# D\n\n## GEAR: HOTFIX Flow\n\n### Step 4: Carry it out\n\n- [ ] Deploy to production\n"
    (item,) = compile_protocol(parse(text, "d.md"), digest="").items
    assert (item.phase, item.when) == ("act", "always")


# ---- policy of every gear

GEARS_TOLD = """# Ours

**Forbidden in SHIP:**
- Big surprises {#no-feature}

Required during L1 BUILD:
1. [ ] A test of its own {#manual}
2. [ ] No secrets in commits

## L2 SHIP

### Required
- [ ] All tests pass

### Allowed
- Small corrections

## Hotfix checklist

Allowed:
- Cleaning up later

- Required during GEAR: BUILD and GEAR: SHIP
  - Nobody renames anything

## Elsewhere

Forbidden:
- Panic
"""


def test_policy_lines_know_their_gear_kind_line_and_what_answers_for_them() -> None:
    lines = compile_protocol(parse(GEARS_TOLD, "x.md")).policies
    assert [(p.gear, p.kind, p.line, p.text, p.rule) for p in lines] == [
        ("SHIP", "forbidden", 4, "Big surprises", "no-feature"),
        ("BUILD", "required", 7, "A test of its own", ""),
        ("BUILD", "required", 8, "No secrets in commits", "secrets"),
        ("SHIP", "required", 13, "All tests pass", "tests-green"),
        ("SHIP", "allowed", 16, "Small corrections", ""),
        ("HOTFIX", "allowed", 21, "Cleaning up later", ""),
        ("BUILD", "required", 24, "Nobody renames anything", "no-refactoring"),
        ("SHIP", "required", 24, "Nobody renames anything", "no-refactoring"),
        ("HOTFIX", "forbidden", 29, "Panic", ""),
    ]


def test_an_incident_adopts_the_lists_of_hotfix_only_and_waits_for_no_other() -> None:
    compiled = compile_protocol(parse(GEARS_TOLD, "x.md"))
    assert (compiled.allowed, compiled.required, compiled.forbidden) == (
        ("Cleaning up later",),
        (),
        ("Panic",),
    )
    assert compiled.items == ()
    assert CompiledProtocol.from_json(compiled.to_json()) == compiled


def test_what_an_older_andon_compiled_has_no_policies() -> None:
    data = compile_protocol(parse(GEARS_TOLD, "x.md")).to_json()
    del data["policies"]
    assert CompiledProtocol.from_json(data).policies == ()


@pytest.mark.parametrize(
    ("label", "gears"),
    [
        ("Required during GEAR: BUILD", ("BUILD",)),
        ("Forbidden in SHIP", ("SHIP",)),
        ("Allowed shortcuts during L3 HOTFIX", ("HOTFIX",)),
        ("Required for a hotfix", ("HOTFIX",)),
        ("L2 SHIP: required", ("SHIP",)),
        ("SHIP requires", ("SHIP",)),
        ("In BUILD, forbidden", ("BUILD",)),
        ("Execution Gear: EXPLORE - allowed", ("EXPLORE",)),
        ("Process Level: L0 EXPLORE forbids", ("EXPLORE",)),
        ("Required in L1 and L2", ("BUILD", "SHIP")),
        ("Required to build the image", ("HOTFIX",)),
        ("Required before you ship it", ("HOTFIX",)),
        ("Required", ("HOTFIX",)),
    ],
)
def test_the_label_names_the_gear_in_either_vocabulary(label: str, gears: tuple[str, ...]) -> None:
    for text in (f"{label}:\n- x\n", f"**{label}:**\n- x\n", f"## {label}\n- x\n", f"- {label}\n  - x\n"):
        lines = compile_protocol(parse(text, "x.md")).policies
        assert tuple(line.gear for line in lines) == gears, text


@pytest.mark.parametrize("text", ["SHIP it when it is ready:\n- x\n", "Things to do in BUILD:\n- x\n"])
def test_a_list_that_only_names_a_gear_is_no_policy(text: str) -> None:
    assert compile_protocol(parse(text, "x.md")).policies == ()
