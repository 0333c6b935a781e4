"""An old fault wakes up: a hotfix is written, tested red and green, shipped and verified."""

from tests.acceptance.drilled import check_the_end, drill


def test_a_known_cause_is_fixed_by_a_shipped_commit(tmp_path) -> None:
    done = drill("known-quick-fix", tmp_path)
    check_the_end(done)
    assert done.running() == "v1.3.1"
    assert any("hotfix" in text and "known-quick-fix" in text for text in done.timeline())
    changed = done.git("diff", "--name-only", "v1.3.0", "v1.3.1").split()
    assert sorted(changed) == ["shop/orders.py", "tests/test_orders.py"]
    assert any("checked by the guard: failed (no-feature)" in text for text in done.timeline())
    assert any("checked by the guard: passed" in text for text in done.timeline())
    assert any("is in main" in text for text in done.timeline())
    assert "main" in done.git("branch", "--contains", "v1.3.1", "--format=%(refname:short)").split()
    log = (done.home / "production" / "shop.log").read_text()
    assert "IndexError" in log
    after = log.rpartition("shop 1.3.0 listens")[2]
    assert "POST /checkout 201" in after
    assert "ERROR" not in after
    for check in ("fix-minimal", "fix-no-secrets", "fix-no-new-vulnerability"):
        assert done.checks()[check] == "passed"
