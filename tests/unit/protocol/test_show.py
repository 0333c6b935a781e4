"""The tree for the terminal and the same as data."""

from __future__ import annotations

import json

from andon.protocol.bind import bind
from andon.protocol.parse import parse
from andon.protocol.show import data_of, lines_of

TEXT = """# Ours
Some words
over two lines

---

## Step 1
1. Group
   - [x] Notify the team
   - [ ] Water the plants
2. [ ] Assign severity, notify the team
- [ ] x {#nope}
- [ ] y {#manual}

Option A: Roll back
- If unclear

Some words

- DO:
  - that

Forbidden:
- this

## Who decides
- If alone: you do

## Postmortem template
- When: ?
## Incident log
### Old
- [ ] gone
"""


def test_the_tree_with_line_numbers() -> None:
    assert list(lines_of(parse(TEXT, "ours.md"))) == [
        "ours.md: 5 lines to check off, 0 steps, gears",
        "    1  # Ours",
        "    2    | Some words",
        "    3    | over two lines",
        "    7    ## Step 1",
        "    8      1. Group",
        "    9        [x] Notify the team",
        "   10        [ ] Water the plants",
        "   11      2. [ ] Assign severity, notify the team",
        "   12      [ ] x",
        "   13      [ ] y",
        "   15      option A: Roll back  => rollback",
        "   16        ? If unclear",
        "   18      | Some words",
        "   20      do: DO",
        "   21        - that",
        "   23      forbidden: Forbidden",
        "   24        - this",
        "   26    ## Who decides",
        "   27      decides if alone: you do",
        "   29    ## Postmortem template  (template)",
        "   30      - When: ?",
        "   31    ## Incident log  (past incidents: not a checklist)",
    ]


def test_what_each_item_binds_to() -> None:
    document = parse(TEXT, "ours.md")
    *lines, last = lines_of(document, bind(document))
    bound = [line.split("  -> ")[1] for line in lines if "  -> " in line]
    assert bound == [
        "stakeholders-notified (machine, phrase)",
        "nothing: a person signs it",
        "ambiguous: severity-declared or stakeholders-notified",
        "unknown check nope",
        "signed by a person",
    ]
    assert last == "5 items: 1 checked by the machine, 1 of a named manual kind, 3 bound to nothing"


def test_the_data_is_plain_and_whole() -> None:
    document = parse(TEXT, "ours.md")
    data = json.loads(json.dumps(data_of(document, bind(document))))
    assert data["checklist_lines"] == 5
    assert data["root"]["nodes"][0]["title"] == "Ours"
    assert [b["line"] for b in data["bindings"]] == [9, 10, 11, 12, 13]
    assert data["bindings"][0]["check"] == "stakeholders-notified"
    assert "gone" in json.dumps(data), "history is in the data, too"
