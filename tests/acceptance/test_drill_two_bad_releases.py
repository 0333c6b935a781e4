"""Two bad releases in a row: the rollback goes past both of them and says why."""

import json

from tests.acceptance.drilled import check_the_end, drill


def test_the_release_before_is_passed_over_because_it_is_bad_too(tmp_path) -> None:
    done = drill("two-bad-releases", tmp_path)
    check_the_end(done)
    assert done.running() == "v1.3.0"
    releases = json.loads(done.andon("releases", "--json").stdout)["releases"]
    verdicts = {release["version"]: release["verdict"] for release in releases}
    good = ["v1.0.0", "v1.1.0", "v1.2.0", "v1.3.0"]
    assert verdicts == {"v1.4.1": "bad", "v1.4.0": "bad", **dict.fromkeys(good, "good")}
    log = (done.home / "production" / "shop.log").read_text()
    assert "POST /cart failed" in log
    after = log.rpartition("shop 1.3.0 listens")[2]
    assert "POST /checkout 201" in after
    assert "ERROR" not in after
