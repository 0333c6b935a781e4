"""When it broke: an old harmless error does not date the break, however often it was seen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from andon.incident.events import ReleaseDeployed
from andon.incident.ledger import fold_ledger
from andon.incident.recorded import Recorded
from andon.incident.words import CommandId, EventId
from andon.response.assessment import ErrorSign, Situation, assess

NOW = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)


def sign(name: str, ago: timedelta, count: int, **more: object) -> ErrorSign:
    density = count / max(ago / timedelta(minutes=1), 1.0)
    return ErrorSign(
        log="shop",
        component="",
        signature=name,
        sample=name,
        count=count,
        first_seen=NOW - ago,
        density=density,
        **more,  # type: ignore[arg-type]
    )


def situation(*errors: ErrorSign) -> Situation:
    deployed = ReleaseDeployed(
        version="v2", commit="c", deployed_at=NOW - timedelta(minutes=3), source="recorded"
    )
    ledger = fold_ledger(
        (
            Recorded(
                stream="service:shop",
                seq=1,
                id=EventId("e"),
                at=NOW,
                actor="ann",
                command=CommandId("c"),
                event=deployed,
            ),
        )
    )
    return Situation(
        declared_at=NOW,
        began_at=None,
        probes=(),
        dependencies=(),
        errors=errors,
        impacts=(),
        ledger=ledger,
        running="v2",
        available=None,
        deploy_limit=None,
    )


def test_a_background_error_is_a_fact_and_no_finding() -> None:
    mail = sign("mail server", timedelta(days=2), 30, is_background=True)
    key = sign("KeyError", timedelta(minutes=1), 1)
    found = assess(situation(mail, key))
    assert [f.sign for f in found.broken] == ["KeyError"]
    assert found.broke_at == NOW - timedelta(minutes=1) and found.broke_at_is_known
    assert found.suspect == "deployment" and found.suspect_version == "v2"
    assert any("always there" in fact.text and "mail server" in fact.text for fact in found.facts)


def test_a_rare_old_error_loses_against_a_dense_new_one() -> None:
    rare = sign("timeout", timedelta(days=1), 40)
    key = sign("KeyError", timedelta(minutes=2), 20)
    assert assess(situation(rare, key)).broke_at == NOW - timedelta(minutes=2)


def test_where_the_log_begins_in_the_break_the_time_is_only_a_bound() -> None:
    found = assess(situation(sign("KeyError", timedelta(hours=1), 5000, may_be_older=True)))
    assert not found.broke_at_is_known and "or earlier" in found.broke_at_source
