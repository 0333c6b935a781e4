"""What somebody gives of a leak: values, whole files, a host's alert, which is hostile until read."""

from __future__ import annotations

import json
import random
import string
from pathlib import Path
from typing import Any

import pytest

from andon.desk.leak.alert import from_alerts
from andon.desk.leak.given import Given, from_finding, from_values, together, values_in
from andon.desk.leak.room import known_credentials
from andon.desk.leak.start import start
from andon.errors import InvalidInput, NotFound
from andon.incident.words import Impact, Severity
from andon.secrets.leak.urgency import READERS, urgency
from tests.fakes.desk import FakeDesk
from tests.fakes.ranges import FakeRanges


def token(seed: int = 1) -> str:
    """Return a secret that nobody has."""
    chance = random.Random(seed)
    return "gh" + "p_" + "".join(chance.choice(string.ascii_letters + string.digits) for _ in range(36))


def alert(**changes: Any) -> dict[str, Any]:
    """What the host's API answers."""
    return {
        "number": 42,
        "html_url": "https://host.example/shop/security/secret-scanning/42",
        "state": "open",
        "secret_type": "github_personal_access_token",
        "secret": token(),
        "first_location_detected": {"path": ".env.prod", "start_line": 3, "commit_sha": "a" * 40},
        **changes,
    }


@pytest.fixture
def desk(tmp_path: Path) -> FakeDesk:
    """A desk in a repository without a remote."""
    (tmp_path / "shop").mkdir()
    return FakeDesk(tmp_path / "shop")


# ---- values


def test_one_value_a_line_and_a_key_over_several(desk: FakeDesk) -> None:
    key = "-----BEGIN " + "PRIVATE KEY-----\nMIIEvQ\nabc\n-----END " + "PRIVATE KEY-----"
    given = from_values(desk, f"{token(1)}\r\n\n  {token(2)}  \n{key}\n{token(1)}\n".encode())
    assert [c.value.decode() for c in given.credentials] == [token(1), token(2), key]
    assert given.credentials[0].kind == "github-token"


def test_no_value_is_no_leak(desk: FakeDesk) -> None:
    with pytest.raises(InvalidInput):
        from_values(desk, b" \n\n")


@pytest.mark.parametrize("value", ["hunter2", "password", "20260301"])
def test_what_cannot_be_told_from_ordinary_text_is_doubtful(desk: FakeDesk, value: str) -> None:
    assert from_values(desk, value.encode()).doubtful
    assert not from_values(desk, token().encode()).doubtful


def test_a_value_is_never_printed(desk: FakeDesk) -> None:
    given = from_values(desk, token().encode())
    assert token() not in repr(given) + str(given)


def test_every_setting_of_a_file_that_leaked_whole_counts() -> None:
    chance = random.Random(3)
    word = "".join(chance.choice(string.ascii_letters + string.digits) for _ in range(18))
    content = f"MODE=production\nAPI_KEY={token()}\nDB_PASSWORD={word}\nPORT=8080\n".encode()
    assert {v for _, _, v in values_in(content, "deploy/prod.env")} == {token().encode(), word.encode()}


def test_a_mark_is_a_mark(desk: FakeDesk) -> None:
    with pytest.raises(InvalidInput):
        from_finding(desk, "not a mark", lambda _: None)


def test_one_report_of_several_names_each_secret_once(desk: FakeDesk) -> None:
    one, two = (
        from_values(desk, token(1).encode(), "a"),
        from_values(desk, f"{token(1)}\n{token(2)}".encode()),
    )
    both = together(one, two)
    assert [c.value.decode() for c in both.credentials] == [token(1), token(2)]
    assert dict(both.seen_at)[both.credentials[0].mark] == "a"


# ---- a host's alert


def given_by(desk: FakeDesk, plain: object) -> Given:
    return from_alerts(desk, json.dumps(plain).encode(), "alert.json")


def test_an_alert_of_the_api(desk: FakeDesk) -> None:
    given = given_by(desk, alert())
    assert given.source == "alert"
    assert given.visibility == "unknown"
    (credential,) = given.credentials
    assert credential.kind == "github-personal-access-token"
    assert credential.value == token().encode()
    assert given.seen_at == ((credential.mark, ".env.prod:3 in aaaaaaaaaa"),)


@pytest.mark.parametrize(("private", "seen"), [(True, "private"), (False, "public")])
def test_a_webhook_says_who_could_read_it(desk: FakeDesk, private: bool, seen: str) -> None:
    payload = {
        "action": "created",
        "alert": alert(first_location_detected=None),
        "location": {"type": "commit", "details": {"path": "a.md", "start_line": 9}},
        "repository": {"private": private, "full_name": "shop/shop"},
    }
    given = given_by(desk, payload)
    assert given.visibility == seen
    assert given.seen_at[0][1] == "a.md:9"


def test_a_list_takes_the_worst_and_leaves_out_what_hides_or_was_none(desk: FakeDesk) -> None:
    given = given_by(
        desk,
        [
            alert(secret=token(1), publicly_leaked=True),
            alert(secret=token(2), number=43),
            alert(secret=None, number=44),
            alert(secret="********", number=45),
            alert(secret=token(4), number=46, resolution="false_positive"),
        ],
    )
    assert len(given.credentials) == 2
    assert given.visibility == "public"
    assert len(given.left_out) == 3
    assert all(f"alert {n}" in text for n, text in zip((44, 45, 46), given.left_out, strict=True))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not json",
        b"[]",
        b"[1]",
        b'"x"',
        b"{}",
        b"[" * 100_000,
        json.dumps([{"secret": "x" * 70_000}]).encode(),
        json.dumps([{"secret": 7}, {"secret": ["x"]}]).encode(),
        json.dumps([{"secret": token()}] * 500).encode(),
        b'{"secret": "' + b"x" * (5 << 20) + b'"}',
    ],
)
def test_anything_else_is_refused_without_a_word_of_what_stands_there(desk: FakeDesk, content: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        from_alerts(desk, content, "alert.json")
    assert token() not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_fields_of_the_wrong_kind_are_not_believed(desk: FakeDesk) -> None:
    odd = alert(
        number="9; rm -rf /",
        html_url="javascript:alert(1)",
        secret_type={"a": 1},
        first_location_detected={"path": ["x"], "start_line": "1"},
        publicly_leaked="yes",
        repository=[],
    )
    given = given_by(desk, odd)
    assert given.credentials[0].kind == "secret"
    assert given.seen_at[0][1] == "alert 1"
    assert given.visibility == "unknown"


# ---- beginning


def test_the_severity_follows_from_who_could_read_it() -> None:
    assert [urgency(r)[0] for r in READERS] == [Severity.P0, Severity.P0, Severity.P1, Severity.P2]
    assert [urgency(r, is_sure=False)[0] for r in READERS] == [
        Severity.P1,
        Severity.P1,
        Severity.P2,
        Severity.P3,
    ]
    assert urgency("whatever")[0] is Severity.P0


def test_it_declares_an_incident_with_its_impact_and_keeps_the_value_in_the_room(desk: FakeDesk) -> None:
    started = start(desk, from_values(desk, token().encode()))
    state = started.incident
    assert started.declared
    assert state.severity is Severity.P2
    assert state.impacts[0].kind is Impact.REPORT
    assert state.leak is not None
    assert [c.mark for c in state.leak.credentials] == [c.mark for c in started.new]
    assert known_credentials(desk, state)[0].value == token().encode()
    assert token() not in repr(desk.history(state.id))


def test_with_a_remote_that_nobody_has_asked_it_is_the_worst(tmp_path: Path) -> None:
    desk = FakeDesk(tmp_path, ranges=FakeRanges(settings={"remote.origin.url": "https://host.example/shop"}))
    started = start(desk, from_values(desk, token().encode()))
    assert started.incident.severity is Severity.P0
    assert "taken as public" in started.why


def test_more_of_it_joins_the_leak_that_is_open(desk: FakeDesk) -> None:
    first = start(desk, from_values(desk, token(1).encode()))
    again = start(desk, from_values(desk, f"{token(1)}\n{token(2)}".encode()))
    assert again.incident.id == first.incident.id
    assert not again.declared
    assert len(again.new) == 1
    assert len(again.known) == 1
    other = start(desk, from_values(desk, token(3).encode()), is_new=True)
    assert other.incident.id != first.incident.id


def test_another_machine_has_no_values_and_says_where_they_are(desk: FakeDesk) -> None:
    state = start(desk, from_values(desk, token().encode())).incident
    desk.leak_room.forget(state.id)
    desk.leak_room.host = "server"
    with pytest.raises(NotFound) as caught:
        known_credentials(desk, state)
    assert "laptop" in str(caught.value)
    assert "andon leak start --value" in caught.value.remedy
