"""andon gate pre-push: every kind of reference that git may push, the whole range judged again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from andon.cli.main import main
from andon.incident.hotfix_events import HotfixStarted
from tests.integration.gated import BRANCH, Gated, git, line, rows

MARKED = "<<<<<<< mine\n"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Gated:
    return Gated(tmp_path, monkeypatch, capsys)


def pushed(shop: Gated, *names: str) -> None:
    git(shop.root, "push", "-q", "--no-verify", "origin", *names)


def test_what_was_committed_without_the_hook_is_caught(shop: Gated) -> None:
    shop.commit()
    pushed(shop, "main")
    shop.commit(a=MARKED)
    said = shop.hook("pre-push")
    git(shop.root, "push", "-q", "origin", "main")
    answer = json.loads(said.read_text())
    assert rows(answer)["conflict-markers"]["effect"] == "blocks" and answer["verdict"] == "failed"
    assert rows(answer)["conflict-markers"]["objections"][0]["path"] == "a"


def test_a_first_push_brings_everything(shop: Gated) -> None:
    shop.commit(a=MARKED)
    head = shop.commit(b="fine\n")
    answer = shop.gate("pre-push", "origin", "url", given=line("refs/heads/main", "", head))
    assert rows(answer)["conflict-markers"]["verdict"] == "failed"
    assert rows(answer)["range-known"]["evidence"] == f"2 commits from the beginning to {head[:10]}"


def test_a_new_branch_brings_what_the_remote_has_not(shop: Gated) -> None:
    base = shop.commit(a=MARKED)  # judged before
    pushed(shop, "main")
    git(shop.root, "switch", "-qc", "topic")
    head = shop.commit(b="fine\n")
    answer = shop.gate("pre-push", "origin", "url", given=line("refs/heads/topic", "", head))
    assert answer["changes"][0]["base"] == base
    assert rows(answer)["conflict-markers"]["verdict"] == "passed"


def test_a_new_branch_at_a_pushed_commit_brings_nothing(shop: Gated) -> None:
    head = shop.commit(a=MARKED)
    pushed(shop, "main")
    answer = shop.gate("pre-push", "origin", "url", given=line("refs/heads/topic", "", head))
    assert rows(answer)["range-known"]["evidence"].startswith("0 commits")
    assert rows(answer)["conflict-markers"]["verdict"] == "passed"


def test_several_references_have_a_table_each(shop: Gated) -> None:
    head = shop.commit(a=MARKED)
    pushed(shop, "main")
    git(shop.root, "tag", "-am", "one", "v1.0.0")
    tag = git(shop.root, "rev-parse", "v1.0.0")
    git(shop.root, "switch", "-qc", "topic")
    new = shop.commit(b=MARKED)
    given = line("refs/heads/topic", "", new) + line("refs/tags/v1.0.0", "", tag)
    given += line("refs/heads/old", head, "")
    answer = shop.gate("pre-push", "origin", "url", given=given)
    assert [change["target"] for change in answer["changes"]] == [
        "refs/heads/topic", "refs/tags/v1.0.0", "refs/heads/old",
    ]  # fmt: skip
    assert answer["changes"][1]["head"] == head  # the tag's commit, not the tag
    assert [rows(answer, n)["conflict-markers"]["verdict"] for n in range(3)] == [
        "failed",
        "passed",
        "passed",
    ]
    assert rows(answer, 2)["range-known"]["evidence"] == "refs/heads/old is removed"
    text = shop.shown("pre-push", "origin", "url", "--verbose", given=given)
    assert text.count("gate pre-push") == 3


def test_a_forced_push_is_judged_from_where_the_branches_part(shop: Gated) -> None:
    start = shop.commit()
    old = shop.commit(a="one\n")
    pushed(shop, "main")
    git(shop.root, "reset", "-q", "--hard", start)
    new = shop.commit(b=MARKED)
    answer = shop.gate("pre-push", "origin", "url", given=line("refs/heads/main", old, new))
    assert answer["changes"][0]["base"] == start
    assert rows(answer)["conflict-markers"]["verdict"] == "failed"
    assert "given up" in rows(answer)["range-known"]["evidence"]


def test_a_commit_of_the_remote_that_is_not_here_hides_nothing(shop: Gated) -> None:
    shop.commit()
    pushed(shop, "main")
    new = shop.commit(b=MARKED)
    answer = shop.gate("pre-push", "origin", "url", given=line("refs/heads/main", "1" * 40, new))
    assert rows(answer)["conflict-markers"]["verdict"] == "failed"
    assert "given up" in rows(answer)["range-known"]["evidence"]


def test_an_address_without_a_name_is_looked_up(shop: Gated) -> None:
    base = shop.commit(a=MARKED)
    pushed(shop, "main")
    head = shop.commit(b="fine\n")
    given = line("refs/heads/topic", "", head)
    for address in (str(shop.remote), "ssh://nobody.example/x.git"):
        answer = shop.gate("pre-push", address, address, given=given)
        assert answer["changes"][0]["base"] == base


def test_a_fork_that_was_never_pushed_to_has_what_the_others_have(shop: Gated) -> None:
    base = shop.commit(a=MARKED)
    pushed(shop, "main")
    git(shop.root, "remote", "add", "fork", "ssh://fork.example/x.git")
    head = shop.commit(b="fine\n")
    answer = shop.gate("pre-push", "fork", "ssh://fork.example/x.git", given=line("refs/heads/x", "", head))
    assert answer["changes"][0]["base"] == base


def test_a_detached_head_can_be_pushed(shop: Gated) -> None:
    shop.commit()
    pushed(shop, "main")
    git(shop.root, "switch", "-q", "--detach")
    head = shop.commit(a=MARKED)
    answer = shop.gate("pre-push", "origin", "url", given=line("refs/heads/x", "", head, local="HEAD"))
    assert answer["changes"][0]["branch"] is None
    assert rows(answer)["conflict-markers"]["verdict"] == "failed"


def test_a_tag_of_no_commit_could_not_be_judged(shop: Gated) -> None:
    shop.commit(a="x\n")
    blob = git(shop.root, "rev-parse", "HEAD:a")
    answer = shop.gate("pre-push", "origin", "url", given=line("refs/tags/odd", "", blob))
    assert rows(answer)["range-known"]["effect"] == "blocks" and answer["code"] == 3


def test_nothing_to_push_passes(shop: Gated) -> None:
    answer = shop.gate("pre-push", "origin", "url")
    assert answer["code"] == 0 and answer["changes"] == []


def test_what_git_would_not_send_is_a_mistake_of_the_caller(shop: Gated) -> None:
    assert shop.gate("pre-push", "origin", "url", given=b"hello\n")["code"] == 2


def test_each_commit_is_seen_by_itself(shop: Gated) -> None:
    """What a commit adds and the next one takes away again is pushed all the same."""
    from andon.desk.gate.arriving import pushed as asked_by_push
    from andon.desk.gate.context import GateContext
    from andon.desk.gate.standing import standing
    from andon.response.gates.pushed import RefUpdate
    from andon.response.gates.table import Point

    shop.commit()
    pushed(shop, "main")
    shop.commit(a="secret\n")
    shop.commit(a="")
    git(shop.root, "switch", "-qc", "side", "HEAD~1")
    shop.commit(b="beside\n")
    git(shop.root, "switch", "-q", "main")
    git(shop.root, "merge", "-q", "--no-ff", "--no-edit", "side")
    head = git(shop.root, "rev-parse", "HEAD")
    with shop.desk() as desk:
        updates = (RefUpdate(ref="refs/heads/main", new=head, old="", local="refs/heads/main"),)
        asked = asked_by_push(desk, updates, "origin", "url")[0]
        context = GateContext(desk, Point.PRE_PUSH, standing(desk), asked)
        each = {c.commits[0].subject: [f.path for f in c.files] for c in context.each_commit()}
        added = [f.new_object for c in context.each_commit() for f in c.files if f.new_object]
        assert [f.path for f in context.change.files] == ["a", "b"]
        contents = [desk.changes.blob(one) for one in added]
    assert contents.count(b"secret\n") == 1 and "secret" not in [
        line for f in context.change.files for h in f.hunks for line in h.added
    ]
    assert each["Merge branch 'side'"] == [], "a merge that adds nothing has nothing to show"


# ---- HOTFIX


@pytest.fixture
def burning(shop: Gated) -> Gated:
    """A shop with an open P1, whose hotfix was begun at what the remote's main has."""
    base = shop.commit(**{"app.py": "def pay():\n    return 1\n"})
    pushed(shop, "main")
    shop.declare(hotfix_from=base)
    git(shop.root, "switch", "-qc", BRANCH)
    return shop


def to_main(shop: Gated) -> dict[str, dict[str, object]]:
    old, new = git(shop.root, "rev-parse", "origin/main"), git(shop.root, "rev-parse", "HEAD")
    return rows(shop.gate("pre-push", "origin", "url", given=line("refs/heads/main", old, new)))


def test_the_hotfix_may_be_forwarded_to_main(burning: Gated) -> None:
    burning.commit("INC-1: return two", **{"app.py": "def pay():\n    return 2\n"})
    git(burning.root, "switch", "-q", "main")
    git(burning.root, "merge", "-q", "--ff-only", BRANCH)
    assert to_main(burning)["only-the-hotfix"]["verdict"] == "passed"


def test_the_hotfix_may_be_merged_or_picked(burning: Gated) -> None:
    burning.commit("INC-1: return two", **{"app.py": "def pay():\n    return 2\n"})
    git(burning.root, "switch", "-q", "main")
    burning.commit("something else", other="x\n")
    pushed(burning, "main")
    git(burning.root, "merge", "-q", "--no-edit", BRANCH)
    assert to_main(burning)["only-the-hotfix"]["verdict"] == "passed"
    git(burning.root, "reset", "-q", "--hard", "origin/main")
    git(burning.root, "cherry-pick", BRANCH)
    assert to_main(burning)["only-the-hotfix"]["verdict"] == "passed"


def test_the_hotfix_of_a_second_incident_is_judged_as_such(burning: Gated) -> None:
    """Two emergencies at once: each has its hotfix, and neither stops, nor hides, that of the other."""
    base = git(burning.root, "rev-parse", "origin/main")
    assert main(["declare", "search is down", "--severity", "P0", "--no-capture"]) == 0
    with burning.desk() as desk:
        begun = HotfixStarted(branch="hotfix/INC-2", base_version="v1", base_commit=base)
        desk.append("INC-2", (begun,))
    for incident in ("INC-2", "INC-1"):
        branch = f"hotfix/{incident}"
        git(burning.root, "switch", "-q", "-C", branch, base)
        head = burning.commit(
            f"{incident}: return two", **{"app.py": f"def pay():\n    return '{incident}'\n"}
        )
        alone = burning.gate("pre-push", "origin", "u", given=line(f"refs/heads/{branch}", "", head))
        assert alone["changes"][0]["incident"] == incident
        assert rows(alone)["names-incident"]["verdict"] == "passed"
        assert rows(alone)["minimal"]["evidence"] != "not the hotfix branch"
        git(burning.root, "switch", "-q", "main")
        git(burning.root, "merge", "-q", "--ff-only", branch)
        found = to_main(burning)
        assert found["only-the-hotfix"]["verdict"] == "passed", found["only-the-hotfix"]
        assert found["minimal"]["evidence"] != "not the hotfix branch"
        git(burning.root, "reset", "-q", "--hard", base)


def test_nothing_else_reaches_main(burning: Gated) -> None:
    burning.commit("INC-1: return two", **{"app.py": "def pay():\n    return 2\n"})
    git(burning.root, "switch", "-q", "main")
    stray = burning.commit("a new colour", colour="red\n")
    git(burning.root, "merge", "-q", "--no-edit", BRANCH)
    row = to_main(burning)["only-the-hotfix"]
    assert row["effect"] == "blocks"
    (objection,) = row["objections"]  # type: ignore[misc]
    assert stray[:10] in objection["text"] and "a new colour" in objection["text"]


def test_main_is_neither_removed_nor_set_back(burning: Gated) -> None:
    old = git(burning.root, "rev-parse", "origin/main")
    new = git(burning.root, "commit-tree", "-m", "another beginning", "HEAD^{tree}")
    for given in (line("refs/heads/main", old, ""), line("refs/heads/main", old, new)):
        assert (
            rows(burning.gate("pre-push", "origin", "u", given=given))["only-the-hotfix"]["effect"]
            == "blocks"
        )


def test_another_branch_may_be_pushed(burning: Gated) -> None:
    git(burning.root, "switch", "-qc", "topic", "main")
    head = burning.commit("a new colour", colour="red\n")
    found = rows(burning.gate("pre-push", "origin", "url", given=line("refs/heads/topic", "", head)))
    assert found["only-the-hotfix"]["verdict"] == "passed"
    assert found["minimal"]["evidence"] == "not the hotfix branch"


def test_every_commit_of_the_hotfix_names_its_incident(burning: Gated) -> None:
    burning.commit("INC-1: return two", **{"app.py": "def pay():\n    return 2\n"})
    silent = burning.commit("and three", **{"app.py": "def pay():\n    return 3\n"})
    head = burning.commit("inc-1 return four", **{"app.py": "def pay():\n    return 4\n"})
    found = rows(burning.gate("pre-push", "origin", "url", given=line(f"refs/heads/{BRANCH}", "", head)))
    (objection,) = found["names-incident"]["objections"]
    assert found["names-incident"]["effect"] == "blocks" and silent[:10] in objection["text"]


def test_the_same_objection_is_one_violation(burning: Gated) -> None:
    from andon.desk.gate.answered import gate_record

    git(burning.root, "switch", "-q", "main")
    burning.commit("a new colour", colour="red\n")
    for _ in range(3):
        to_main(burning)
    with burning.desk() as desk:
        found = [v.event for v in gate_record(desk).violations]
    assert [(v.rule, v.effect, v.incident) for v in found if v.rule == "only-the-hotfix"] == [
        ("only-the-hotfix", "blocks", "INC-1")
    ]


def test_a_justified_objection_is_waived(burning: Gated) -> None:
    from andon.incident.events import ShortcutTaken

    git(burning.root, "switch", "-q", "main")
    burning.commit("a new colour", colour="red\n")
    (objection,) = to_main(burning)["only-the-hotfix"]["objections"]  # type: ignore[misc]
    taken = ShortcutTaken(
        item=f"guard:only-the-hotfix:{objection['fingerprint']}",
        reason="the colour is the fix",
        action="A1",
        pre_justified=False,
    )
    with burning.desk() as desk:
        desk.append("INC-1", (taken,))
    row = to_main(burning)["only-the-hotfix"]
    assert row["effect"] == "waived" and "the colour is the fix" in str(row["waived_by"])


# ---- SHIP


def test_a_release_needs_a_recorded_decision(shop: Gated) -> None:
    from andon.cli.main import main
    from andon.incident.gate_events import ShipRecorded
    from andon.incident.words import Verdict

    head = shop.commit()
    assert main(["gear", "SHIP", "--reason", "the spring release"]) == 0
    git(shop.root, "tag", "v1.2.0")
    given = line("refs/tags/v1.2.0", "", head)
    assert rows(shop.gate("pre-push", "origin", "u", given=given))["ship-recorded"]["effect"] == "blocks"
    other = rows(shop.gate("pre-push", "origin", "u", given=line("refs/tags/nightly", "", head)))
    assert other["ship-recorded"]["verdict"] == "passed"
    with shop.desk() as desk:
        for verdict in (Verdict.FAILED, Verdict.PASSED):
            desk.append("service:shop", (ShipRecorded(commit=head, version="v1.2.0", verdict=verdict),))
    assert rows(shop.gate("pre-push", "origin", "u", given=given))["ship-recorded"]["verdict"] == "passed"


def test_a_hint_before_a_commit_is_no_violation(burning: Gated) -> None:
    from andon.desk.gate.answered import gate_record

    git(burning.root, "switch", "-qc", "feature")
    burning.write("notes.txt", "later\n")
    git(burning.root, "add", "-A")
    assert rows(burning.gate("pre-commit"))["only-the-hotfix"]["effect"] == "warns"
    with burning.desk() as desk:
        assert not [v for v in gate_record(desk).violations if v.event.rule == "only-the-hotfix"]
