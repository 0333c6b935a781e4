"""kill -9 at any moment: what was acknowledged is there, the chain is whole, and the journal goes on.

A small share of the campaign in tests/campaigns/journal_kills.py, with the moments drawn from a fixed seed.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.campaigns.journal_kills import Campaign


def test_nothing_acknowledged_is_lost_in_fifteen_kills(tmp_path: Path) -> None:
    campaign = Campaign(str(tmp_path / "journal.db"), Random(20260301))
    for _ in range(15):
        campaign.kill_once()
    assert campaign.acknowledged > 15
    assert campaign.kills == 15


def test_nothing_is_lost_when_the_journal_is_being_made(tmp_path: Path) -> None:
    chance = Random(1)
    for number in range(6):
        campaign = Campaign(str(tmp_path / str(number) / "journal.db"), chance, longest=0.02)
        campaign.kill_once()


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_on_a_server(empty_postgres_url: str) -> None:
    campaign = Campaign(empty_postgres_url, Random(20260301))
    for _ in range(4):
        campaign.kill_once()
    assert campaign.acknowledged > 4
