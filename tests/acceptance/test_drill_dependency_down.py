"""The payment provider is down: nothing is deployed, nothing is rolled back, the provider is helped."""

from tests.acceptance.drilled import check_the_end, drill


def test_a_dependency_that_is_down_is_worked_around(tmp_path) -> None:
    done = drill("dependency-down", tmp_path)
    check_the_end(done)
    assert done.running() == "v1.3.0"
    timeline = done.timeline()
    assert any("workaround" in text and "outside-cause" in text for text in timeline)
    assert not any("deployment succeeded" in text for text in timeline)
    log = (done.home / "production" / "shop.log").read_text()
    assert "Connection refused" in log
