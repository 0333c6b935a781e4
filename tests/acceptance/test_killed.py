"""Commands are killed with SIGKILL at moments of chance; every journal opens, is whole, and goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.campaigns.kill_commands import campaign


@pytest.mark.slow
def test_a_share_of_the_campaign(tmp_path: Path) -> None:
    campaign(tmp_path, kills=10, seed=20260301)
