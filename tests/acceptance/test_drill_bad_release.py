"""A release breaks the checkout: rolled back to the last known good, proven, reviewed, closed."""

from tests.acceptance.drilled import check_the_end, drill


def test_the_bad_release_is_rolled_back_and_the_incident_closed(tmp_path) -> None:
    done = drill("bad-release", tmp_path)
    check_the_end(done)
    assert done.running() == "v1.3.0"
    assert any("rollback" in text and "recent-deployment" in text for text in done.timeline())
    proven = done.checks()
    for check in ("last-known-good", "migrations-reversible", "previous-version-deployed", "logs-clean"):
        assert proven[check] == "passed", check
    log = (done.home / "production" / "shop.log").read_text()
    assert "KeyError: 'tier'" in log
    assert "v1.4.0" in done.document("docs/postmortems/*.md")
    assert any("Checkout fails" in title for title in done.told())
    releases = done.andon("releases").stdout
    assert "bad" in next(line for line in releases.splitlines() if "v1.4.0" in line)
