"""The worker is killed in the middle of the rollback: another one ends it, and nothing is done twice."""

import json

from tests.acceptance.drilled import check_the_end, drill


def test_a_rollback_survives_its_worker_and_happens_once(tmp_path) -> None:
    done = drill("worker-killed", tmp_path)
    check_the_end(done)
    assert done.running() == "v1.3.1"
    acts = json.loads(done.andon("workflows", "--json").stdout)["workflows"]
    assert [(act["state"], act["version"]) for act in acts] == [("over", "v1.3.1")]
    timeline = done.timeline()
    assert [text for text in timeline if text.startswith("deployment ")] == [
        "deployment succeeded: v1.3.1: switched and restarted"
    ]
    log = (done.home / "production" / "shop.log").read_text()
    assert log.rpartition("shop 1.4.0 listens")[2].count("shop 1.3.1 listens") == 1
