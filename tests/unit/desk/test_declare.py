"""Pulling the cord: on record at once and once, whatever is broken besides production."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from andon.config.model import Config
from andon.desk.declare import compiled_protocol, declare, read_moment
from andon.errors import Conflict, InvalidInput, Unavailable
from andon.incident import events as e
from andon.incident.words import Impact, Occasion, Severity, Status
from tests.fakes.desk import FakeDesk
from tests.unit.desk.shop import STAKEHOLDERS
from tests.unit.incident.cases import assert_commands_exist

REPORT = e.ImpactConfirmed(kind=Impact.REPORT, summary="three customers called")


def test_what_is_declared_is_on_record_with_protocol_impact_and_messages(tmp_path: Path) -> None:
    desk = FakeDesk(tmp_path, told=STAKEHOLDERS)
    done = declare(desk, title=" checkout answers 500 ", severity=Severity.P1, impacts=(REPORT,))
    assert (done.incident.id, done.incident.title, done.incident.status) == (
        "INC-1",
        "checkout answers 500",
        Status.DECLARED,
    )
    assert not done.repeated and done.others == ()
    kinds = [type(r.event).__name__ for r in desk.history("INC-1")]
    assert kinds == ["IncidentDeclared", "ProtocolAdopted", "ImpactConfirmed", "NotificationRequested"]
    (message,) = done.incident.notifications
    assert message.occasion is Occasion.DECLARED and [d.target for d in message.deliveries] == ["team"]
    assert done.incident.protocol is not None and done.incident.protocol.source == "built-in"


@pytest.mark.parametrize("title", ["", "   ", "\n"])
def test_it_needs_a_few_words(tmp_path: Path, title: str) -> None:
    desk = FakeDesk(tmp_path)
    with pytest.raises(InvalidInput) as caught:
        declare(desk, title=title, severity=Severity.P0)
    assert caught.value.rule == "title"
    assert_commands_exist(caught.value.remedy)
    assert desk.journal.heads() == ()


def test_the_same_command_declares_once(tmp_path: Path) -> None:
    desk = FakeDesk(tmp_path, command="deploy-42", told=STAKEHOLDERS)
    first = declare(desk, title="checkout answers 500", severity=Severity.P1)
    again = declare(desk.another("ann", "deploy-42"), title="checkout answers 500", severity=Severity.P1)
    assert again.repeated and again.incident.id == first.incident.id and again.others == ()
    assert len([s for s in desk.journal.heads() if s.stream.startswith("INC")]) == 1
    assert len(again.incident.notifications) == 1


def test_a_repeated_command_shows_what_became_of_it(tmp_path: Path) -> None:
    desk = FakeDesk(tmp_path, command="deploy-42")
    declare(desk, title="checkout answers 500", severity=Severity.P1)
    desk.another("bob").append("INC-1", (e.IncidentAcknowledged(),))
    again = declare(desk.another("ann", "deploy-42"), title="checkout answers 500", severity=Severity.P1)
    assert again.incident.owner == "bob"


def test_an_id_that_meant_something_else_declares_nothing(tmp_path: Path) -> None:
    desk = FakeDesk(tmp_path, command="deploy-42")
    declare(desk.another("ann"), title="one", severity=Severity.P1)
    desk.append("INC-1", (e.NoteAdded(text="restarted"),))
    with pytest.raises(Conflict) as caught:
        declare(desk.another("ann", "deploy-42"), title="two", severity=Severity.P1)
    assert caught.value.rule == "command-id"
    assert_commands_exist(caught.value.remedy)
    assert [h.stream for h in desk.journal.heads()] == ["INC-1"]


def test_what_else_is_open_is_named(tmp_path: Path) -> None:
    desk = FakeDesk(tmp_path)
    first = declare(desk, title="mail is late", severity=Severity.P3)
    second = declare(desk.another("bob"), title="checkout answers 500", severity=Severity.P0)
    assert [o.id for o in second.others] == [first.incident.id]
    desk.append(first.incident.id, (e.IncidentClosed(duplicate_of=second.incident.id),))
    third = declare(desk.another("cyd"), title="it burns", severity=Severity.P0)
    assert [o.id for o in third.others] == [second.incident.id]


# ---- the protocol that is adopted


def team(root: Path, text: str | bytes) -> FakeDesk:
    (root / "INCIDENTS.md").write_bytes(text if isinstance(text, bytes) else text.encode())
    return FakeDesk(root, config=Config(service="shop", protocol="INCIDENTS.md"))


def test_the_teams_own_protocol_holds(tmp_path: Path) -> None:
    desk = team(tmp_path, "# Ours\n\n## Step 1: Declare\n\n- [ ] Ring the bell\n")
    adopted = declare(desk, title="x", severity=Severity.P1).incident.protocol
    assert adopted is not None
    assert (adopted.title, adopted.source, [i.text for i in adopted.items]) == (
        "Ours",
        "INCIDENTS.md",
        ["Ring the bell"],
    )


def test_a_later_edit_does_not_move_the_goal(tmp_path: Path) -> None:
    desk = team(tmp_path, "# Ours\n\n## Step 1\n\n- [ ] Ring the bell\n")
    incident = declare(desk, title="x", severity=Severity.P1).incident
    team(tmp_path, "# Ours\n\n## Step 1\n\n- [ ] Ring two bells\n")
    assert incident.protocol is not None and incident.protocol.items[0].text == "Ring the bell"
    assert compiled_protocol(desk).items[0].text == "Ring two bells"


def test_a_protocol_without_a_checklist_is_adopted_as_it_is(tmp_path: Path) -> None:
    incident = declare(team(tmp_path, "Call Bob."), title="x", severity=Severity.P1).incident
    assert incident.protocol is not None and incident.protocol.items == ()


def test_a_protocol_that_is_not_text_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    desk = team(tmp_path, b"# Ours\n\n## Step 1\n\n- [ ] Ring the b\xff\xfell\n")
    incident = declare(desk, title="x", severity=Severity.P1).incident
    assert incident.protocol is not None and len(incident.protocol.items) == 1


@pytest.mark.parametrize("obstacle", ["missing", "a directory", "a loop"])
def test_a_protocol_that_cannot_be_read_keeps_nobody_from_pulling_the_cord(
    tmp_path: Path, obstacle: str
) -> None:
    if obstacle == "a directory":
        (tmp_path / "INCIDENTS.md").mkdir()
    elif obstacle == "a loop":
        (tmp_path / "INCIDENTS.md").symlink_to("INCIDENTS.md")
    desk = FakeDesk(tmp_path, config=Config(service="shop", protocol="INCIDENTS.md"))
    incident = declare(desk, title="x", severity=Severity.P0).incident
    assert incident.protocol is not None and incident.protocol.source == "built-in"
    (gap,) = incident.capture_failures
    assert gap.source == "protocol" and "the built-in protocol holds instead" in gap.reason
    with pytest.raises(Unavailable) as caught:
        compiled_protocol(desk)
    assert caught.value.rule == "protocol" and caught.value.remedy


@pytest.mark.parametrize("content", ["", "null", "[]", '{"identity": []}', "\x00"])
def test_a_broken_cache_of_the_protocol_is_ignored(tmp_path: Path, content: str) -> None:
    desk = FakeDesk(tmp_path)
    expected = compiled_protocol(desk)
    (cache,) = [p for p in (tmp_path / "cache" / "andon").iterdir() if p.name.startswith("protocol-")]
    cache.write_text(content)
    assert compiled_protocol(desk) == expected
    assert cache.read_text() != content


def test_the_cached_protocol_is_the_same_protocol(tmp_path: Path) -> None:
    desk = FakeDesk(tmp_path)
    assert compiled_protocol(desk) == compiled_protocol(desk)


# ---- moments

NOW = datetime(2026, 3, 1, 3, 30, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("10m", NOW - timedelta(minutes=10)),
        ("10 min ago", NOW - timedelta(minutes=10)),
        ("1.5h", NOW - timedelta(minutes=90)),
        ("30s", NOW - timedelta(seconds=30)),
        ("2d", NOW - timedelta(days=2)),
        ("02:14", NOW.replace(hour=2, minute=14, second=0)),
        ("23:50", NOW.replace(hour=23, minute=50, second=0) - timedelta(days=1)),
        ("2026-03-01T02:14Z", NOW.replace(hour=2, minute=14, second=0)),
        ("2026-03-01T02:14", NOW.replace(hour=2, minute=14, second=0)),
        ("2026-03-01T03:14+01:00", NOW.replace(hour=2, minute=14, second=0)),
        (" 2026-03-01T03:34Z ", NOW.replace(minute=34, second=0)),
    ],
)
def test_a_moment_in_the_words_people_use(text: str, moment: datetime) -> None:
    found = read_moment(text, NOW)
    assert found == moment and found.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "10 moons",
        "25:00",
        "12:7x",
        "m",
        "1e400m",
        "99999999999d",
        "infm",
        "2026-13-01",
        "9999-12-31T23:59-12:00",
        "0001-01-01T00:00+14:00",
        "\x1b[2J",
    ],
)
def test_what_is_no_moment_is_refused_with_examples(text: str) -> None:
    with pytest.raises(InvalidInput, match="is not a moment") as caught:
        read_moment(text, NOW)
    assert "02:14" in caught.value.remedy


@pytest.mark.parametrize("text", ["-10m", "2026-03-02", "2026-03-01T03:40Z", "9999-12-31"])
def test_what_has_not_come_yet_has_not_happened(text: str) -> None:
    with pytest.raises(InvalidInput, match="has not come yet"):
        read_moment(text, NOW)
    assert read_moment(text, NOW, to_come=True) > NOW
