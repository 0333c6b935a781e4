"""The bad release dropped a column: nothing is rolled back, a hotfix goes out on the new schema."""

from tests.acceptance.drilled import check_the_end, drill


def test_the_way_back_is_closed_and_the_way_forward_is_proven(tmp_path) -> None:
    done = drill("irreversible-migration", tmp_path)
    check_the_end(done)
    assert done.running() == "v1.4.1"
    timeline = done.timeline()
    assert any("hotfix" in text and "rollback-unsafe" in text for text in timeline)
    assert not any("rollback" in text and "deployment succeeded" in text for text in timeline)
    log = (done.home / "production" / "shop.log").read_text()
    assert "KeyError: 'tier'" in log
    after = log.rpartition("shop 1.4.0 listens")[2]
    assert "POST /checkout 201" in after
    assert "ERROR" not in after
    assert log.count("shop 1.4.0 listens") == 2, "the fix brings no other version number along"
    assert "shop 1.3.0 listens" not in log.partition("shop 1.4.0 listens")[2]
