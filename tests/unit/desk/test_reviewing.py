"""The use cases of the review on fakes: what is recorded, what is written, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from andon.config.model_team import ReviewConfig
from andon.desk import actions, incident_log, postmortem, regressions
from andon.desk.casefile import load
from andon.errors import Conflict, InvalidInput, Refused, Unavailable
from andon.incident import events as e
from andon.incident.recorded import Batch
from andon.incident.state import Incident
from andon.incident.words import CommandId
from andon.review.incident_log import read_entries
from andon.review.paper import read_sections
from tests.fakes.desk import FakeDesk
from tests.unit.review.story import WRITTEN, whole

GIVEN = {
    "symptom": "checkout answers 500 for old products",
    "root_cause": "old rows have no price",
    "incorrect_behaviour": "a missing price raised an error",
    "correct_solution": "read it with a default",
    "enforced_path": "only shop.pricing reads prices",
    "prevention_mechanism": "a test that buys an old product",
}


@pytest.fixture
def desk(tmp_path: Path) -> FakeDesk:
    """A desk with the whole incident on record."""
    return desk_at(tmp_path)


def desk_at(root: Path, title: str = "checkout answers 500") -> FakeDesk:
    """Return a desk in `root` with the whole incident on record."""
    made = FakeDesk(root)
    for step in whole(title):
        batch = Batch(command=CommandId(step.id), actor=step.actor, at=step.at, events=(step.event,))
        made.journal.append("INC-7", batch)
    return made


def incident(desk: FakeDesk) -> Incident:
    """Return the incident as it is on record."""
    return load(desk, "INC-7")


def complete(desk: FakeDesk) -> Incident:
    """Write every field that only a person can."""
    return postmortem.write(desk, incident(desk), WRITTEN)[0]


def test_a_draft_is_kept_once(desk: FakeDesk) -> None:
    drafted = postmortem.draft(desk, incident(desk))
    assert [m.key for m in drafted.missing] == list(WRITTEN)
    length = incident(desk).length
    assert "PostmortemDrafted" in incident(desk).marks
    postmortem.draft(desk, incident(desk))
    assert incident(desk).length == length
    assert not (Path(desk.config.root) / "docs").exists()


def test_texts_are_recorded_once_and_redacted(desk: FakeDesk) -> None:
    texts = {"went-well": "  we had hunter2hunter2 at hand\n", "cause/why": "because"}
    state, changed = postmortem.write(desk, incident(desk), texts)
    assert changed == ("lessons/went-well", "cause/why")
    assert state.sections["lessons/went-well"] == "  we had [redacted:known:000000] at hand"
    again, unchanged = postmortem.write(desk, state, texts)
    assert unchanged == () and again.length == state.length


@pytest.mark.parametrize("key", ["lessons/nothing", "remarks", "", "well"])
def test_an_unknown_field_is_named(desk: FakeDesk, key: str) -> None:
    with pytest.raises(InvalidInput, match="no field") as caught:
        postmortem.write(desk, incident(desk), {key: "x"})
    assert "lessons/went-well" in caught.value.remedy


def test_publishing_is_refused_before_anything_is_written(desk: FakeDesk) -> None:
    blobs, length = dict(desk.evidence.blobs), incident(desk).length
    with pytest.raises(Refused, match="lessons/went-well") as caught:
        postmortem.publish(desk, incident(desk))
    assert caught.value.rule == "postmortem-complete"
    assert desk.evidence.blobs == blobs and incident(desk).length == length
    assert not (Path(desk.config.root) / "docs").exists()


def test_publishing_writes_the_file_and_keeps_it(desk: FakeDesk) -> None:
    state = complete(desk)
    published = postmortem.publish(desk, state)
    file = Path(desk.config.root) / "docs/postmortems/2026-03-01-INC-7.md"
    assert published.path == "docs/postmortems/2026-03-01-INC-7.md"
    assert file.read_bytes() == desk.evidence.get(published.evidence).content
    assert read_sections(file.read_text()) == WRITTEN
    after = incident(desk)
    assert after.published is not None
    assert (after.published.evidence, after.published.chain_head) == (published.evidence, state.chain_head)
    assert f"`{state.chain_head}`" in file.read_text()
    assert after.evidence[-1].kind == "postmortem"
    with pytest.raises(Refused, match="published"):
        postmortem.publish(desk, after)


def test_words_that_are_on_record_nowhere_are_not_overwritten(desk: FakeDesk) -> None:
    state = complete(desk)
    file = Path(desk.config.root) / postmortem.file_name(desk, state)
    file.parent.mkdir(parents=True)
    file.write_text("# My own notes\n")
    with pytest.raises(Refused, match="on record nowhere") as caught:
        postmortem.publish(desk, state)
    assert file.read_text() == "# My own notes\n" and "edit --from" in caught.value.remedy
    edited = postmortem.prepare(desk, state).markdown.replace("two minutes", "three minutes")
    file.write_text(edited)
    with pytest.raises(Refused):
        postmortem.publish(desk, state)
    state, changed = postmortem.write_edited(desk, state, edited)
    assert changed == ("lessons/went-well",)
    postmortem.publish(desk, state)
    assert "three minutes" in file.read_text()


def test_a_reopened_incident_is_published_again(desk: FakeDesk) -> None:
    state = postmortem.publish(desk, complete(desk)).incident
    with pytest.raises(Refused, match="published"):
        postmortem.refuse_finished(desk, state)
    mitigated = e.IncidentMitigated(by="rollback", proof="verification")
    desk.append(
        "INC-7", (e.IncidentReopened(reason="back again"), mitigated, e.IncidentResolved(cause="two causes"))
    )
    again = {"next-time": "We look for a second cause.", "what-broke": "The checkout page, once more."}
    state, _ = postmortem.write(desk, incident(desk), again)  # a reopened incident is assessed afresh
    published = postmortem.publish(desk, state)
    text = (Path(desk.config.root) / published.path).read_text()
    assert "second cause" in text and "back again" in text and "two causes" in text


def test_a_read_only_target_leaves_nothing_published(desk: FakeDesk) -> None:
    state = complete(desk)
    (Path(desk.config.root) / "docs").write_text("in the way")
    with pytest.raises(Unavailable):
        postmortem.publish(desk, state)
    assert incident(desk).published is None


def test_two_editors_do_not_overwrite_each_other(desk: FakeDesk) -> None:
    before = postmortem.prepare(desk, incident(desk)).markdown
    mine = before.replace("*TO WRITE: What helped, and should stay as it is?*", "Mine.")
    mine = mine.replace("*TO WRITE: What cost time or made it worse?*", "Slow.")
    postmortem.write(desk, incident(desk), {"went-well": "Theirs."})
    with pytest.raises(Conflict, match="lessons/went-well"):
        postmortem.write_edited(desk, incident(desk), mine, before)
    assert incident(desk).sections == {"lessons/went-well": "Theirs."}
    mine = mine.replace("Mine.", "*TO WRITE: What helped, and should stay as it is?*")
    state, changed = postmortem.write_edited(desk, incident(desk), mine, before)
    assert changed == ("lessons/went-poorly",) and state.sections["lessons/went-well"] == "Theirs."


# ---- action items


def test_action_items_have_owner_date_and_origin(desk: FakeDesk) -> None:
    state, first = actions.add(desk, incident(desk), title=" alarm  on hunter2hunter2 ", due="2w")
    item = state.actions[-1]
    assert (first, item.title, item.owner, item.origin) == (
        "A2",
        "alarm on [redacted:known:000000]",
        "ann",
        "person",
    )
    assert f"{item.due_at:%Y-%m-%d}" == "2026-03-15"
    state, _ = actions.add(
        desk, state, title="write a test", owner="bob", due="2026-04-01", origin="section:cause"
    )
    assert (state.actions[-1].kind, f"{state.actions[-1].due_at:%m-%d %H:%M}") == ("tests", "04-01 23:59")
    state, _ = actions.add(desk, state, title="x y")
    assert f"{state.actions[-1].due_at:%Y-%m-%d}" == "2026-03-15"


@pytest.mark.parametrize(
    ("given", "kind"),
    [("tests", "tests"), ("test", "tests"), (" Alert ", "monitoring"), ("doc", "other"), ("", "monitoring")],
)
def test_the_kind_of_work_has_one_name(desk: FakeDesk, given: str, kind: str) -> None:
    state, _ = actions.add(desk, incident(desk), title="alarm", kind=given)
    assert state.actions[-1].kind == kind


def test_an_unknown_kind_of_work_is_refused_with_the_list(desk: FakeDesk) -> None:
    with pytest.raises(InvalidInput, match="no kind of work") as caught:
        actions.add(desk, incident(desk), title="alarm", kind="gardening")
    assert all(kind in caught.value.remedy for kind in actions.KINDS)
    assert len(incident(desk).actions) == 1


@pytest.mark.parametrize("due", ["soon", "2026-02-30", "5x", "d", "99999d"])
def test_a_date_that_is_none(desk: FakeDesk, due: str) -> None:
    with pytest.raises(InvalidInput, match="no date"):
        actions.add(desk, incident(desk), title="x", due=due)


def test_handing_on_keeps_the_work_on_record(desk: FakeDesk) -> None:
    before = incident(desk)
    (old,) = before.actions
    (item,) = actions.assign(desk, before, "a1", owner="cy").actions
    assert (item.id, item.owner, item.state) == ("A1", "cy", "open")
    assert (item.title, item.origin, item.due_at) == (old.title, old.origin, old.due_at)
    with pytest.raises(InvalidInput):
        actions.assign(desk, before, "A1")
    done = actions.finish(desk, before, "A1", "merged in 1a2b3c")
    with pytest.raises(Refused):
        actions.assign(desk, done, "A1", owner="dee")


def test_settling_needs_words(desk: FakeDesk) -> None:
    with pytest.raises(Refused):
        actions.finish(desk, incident(desk), "A1", " ")
    with pytest.raises(Refused):
        actions.drop(desk, incident(desk), "A1", "")
    state = actions.finish(desk, incident(desk), "A1", "commit 1")
    assert (state.actions[0].state, state.actions[0].proof) == ("done", "commit 1")


# ---- regressions


def test_a_regression_is_written_and_recorded_once(desk: FakeDesk) -> None:
    state, entry = regressions.add(desk, incident(desk), GIVEN)
    assert (entry.id, entry.date, entry.author, entry.incident) == ("REG-1", "2026-03-01", "ann", "INC-7")
    assert regressions.entries(desk)[0].symptom == GIVEN["symptom"]
    assert (state.regressions[0].entry, state.regressions[0].path) == ("REG-1", "docs/regressions.md")
    again, same = regressions.add(desk, state, GIVEN)
    assert same.id == "REG-1" and again.length == state.length
    _, other = regressions.add(desk, state, {**GIVEN, "author": "bob", "symptom": "slow for everybody"})
    assert other.id == "REG-2"


def test_what_was_written_but_not_recorded_is_recorded_on_repeating(desk: FakeDesk) -> None:
    regressions.add(desk, incident(desk), GIVEN)
    crashed = desk_at(Path(desk.config.root))  # the same file, a journal without the event
    state, entry = regressions.add(crashed, incident(crashed), GIVEN)
    assert (entry.id, state.regressions[0].entry) == ("REG-1", "REG-1")
    assert len(regressions.entries(crashed)) == 1


def test_an_incomplete_regression_is_refused(desk: FakeDesk) -> None:
    with pytest.raises(Refused, match="Enforced path") as caught:
        regressions.add(desk, incident(desk), {**GIVEN, "enforced_path": "TODO"})
    assert caught.value.remedy == 'andon regressions add --enforced-path "..."'
    assert not (Path(desk.config.root) / "docs").exists()


# ---- the incident log


def test_an_incident_is_exported_once(desk: FakeDesk) -> None:
    own = Path(desk.config.root) / "INCIDENTS.md"
    own.write_text("# Ours\n\n## Incident Log\n\n### P2 MEDIUM - Old (2026-01-01)\n\ntext\n\n---\n")
    with pytest.raises(Refused, match="no published postmortem"):
        incident_log.export(desk, incident(desk))
    state = postmortem.publish(desk, complete(desk)).incident
    exported = incident_log.export(desk, state)
    assert exported.added and exported.incident.logged_in == "INCIDENTS.md"
    new, old = read_entries(own.read_text(), "INCIDENTS.md")
    assert (new.incident, old.title) == ("INC-7", "Old")
    assert new.field("Root Cause", "Why it broke") == "the new price field is missing for old products"
    content = own.read_bytes()
    again = incident_log.export(desk, exported.incident)
    assert not again.added and own.read_bytes() == content
    assert again.incident.length == exported.incident.length


def test_secrets_do_not_reach_the_log(tmp_path: Path) -> None:
    desk = desk_at(tmp_path, "leaked hunter2hunter2")
    state = postmortem.publish(desk, complete(desk)).incident
    incident_log.export(desk, state)
    for file in (tmp_path / "INCIDENTS.md", tmp_path / "docs/postmortems/2026-03-01-INC-7.md"):
        assert "hunter2" not in file.read_text() and "redacted" in file.read_text()


def test_other_logs_are_taken_in_once(desk: FakeDesk, tmp_path: Path) -> None:
    other = tmp_path / "other.md"
    body = "### P0 CRITICAL - B (2026-02-02)\n\n#### S\n- [x] `done`\n\n---\n\n### P1 - A (2026-02-01)\n\nx\n"
    other.write_text(f"## Incident Log\n\n{body}")
    taken = incident_log.take_in(desk, str(other))
    assert [e.title for e in taken.added] == ["B", "A"] and taken.known == ()
    own = (tmp_path / "INCIDENTS.md").read_text()
    assert own.endswith(body)
    again = incident_log.take_in(desk, str(other))
    assert again.added == () and len(again.known) == 2
    assert (tmp_path / "INCIDENTS.md").read_text() == own
    assert [e.title for e in incident_log.log(desk).entries] == ["B", "A"]


def test_what_an_import_leaves_behind_is_named(desk: FakeDesk, tmp_path: Path) -> None:
    other = tmp_path / "other.md"
    other.write_text("## Incident Log\n### SEV-1 - B (2026-02-02)\nx\n### Outage (2026-02-01)\ny\n")
    taken = incident_log.take_in(desk, str(other))
    assert [(e.severity, e.title) for e in taken.added] == [("P0", "B")]
    assert [(u.line, u.reason) for u in taken.unread] == [(4, "no severity")]
    assert "### SEV-1 - B (2026-02-02)\n" in (tmp_path / "INCIDENTS.md").read_text()
    other.write_text("## Incident Log\n### Outage (2026-02-01)\ny\n")
    with pytest.raises(InvalidInput, match=r"no entry.*line 2 \(no severity\)"):
        incident_log.take_in(desk, str(other))


def test_a_file_without_entries_is_named(desk: FakeDesk, tmp_path: Path) -> None:
    (tmp_path / "x.md").write_text("# Nothing\n")
    with pytest.raises(InvalidInput, match="no entry"):
        incident_log.take_in(desk, str(tmp_path / "x.md"))
    assert not (tmp_path / "INCIDENTS.md").exists()


def test_the_configured_places_are_used(tmp_path: Path) -> None:
    desk = desk_at(tmp_path)
    review = ReviewConfig(postmortems="pm", incident_log="log/I.md", regressions="log/R.md")
    moved = FakeDesk(tmp_path, review=review, journal=desk.journal)
    moved.evidence = desk.evidence
    state = postmortem.publish(moved, complete(moved)).incident
    state, _ = regressions.add(moved, state, GIVEN)
    incident_log.export(moved, state)
    found = sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*.md"))
    assert found == ["log/I.md", "log/R.md", "pm/2026-03-01-INC-7.md"]
