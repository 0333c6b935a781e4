"""Two changes in one minute and a log that says nothing: the rule for unclear causes rolls back."""

from tests.acceptance.drilled import check_the_end, drill


def test_an_unclear_cause_is_rolled_back(tmp_path) -> None:
    done = drill("cause-unclear", tmp_path)
    check_the_end(done)
    assert done.running() == "v1.3.0"
    assert any("rollback" in text and "cause-unclear" in text for text in done.timeline())
    log = (done.home / "production" / "shop.log").read_text()
    assert "something went wrong" in log
    assert "Traceback" not in log
