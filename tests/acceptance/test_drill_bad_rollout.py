"""A rollout that breaks at five percent kills the flag and declares the incident by itself."""

from tests.acceptance.drilled import OF_A_KILL, check_the_end, drill


def test_the_first_stage_catches_it(tmp_path) -> None:
    done = drill("bad-rollout", tmp_path)
    check_the_end(done, still_open=(*OF_A_KILL, "gear-hotfix"))  # a P2 is no emergency
    assert done.checks()["response-applied"] == "passed", "decided with the plan of the rollout"
    timeline = done.timeline()
    assert any("kill" in text and "quantity-discount" in text for text in timeline)
    assert not any("deployment succeeded" in text for text in timeline)
    assert "flags rollout" not in done.git("log", "--format=%s")
