"""Ways around the gates that somebody could take, by haste or on purpose: each is closed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.integration.gated import BRANCH, Gated, git, line, rows

FEATURE = "def total(a, b):\n    return a + b\n"
FEATURE += "".join(f"\n\ndef report_{n}(a):\n    return [a] * {n}\n" for n in range(40))
#: Put together here, so that nobody takes it for a real one.
SECRET = 'key = "{}Z7QK3MPLXN2VWTRB"\n'.format("AK" + "IA")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Gated:
    shop = Gated(tmp_path, monkeypatch, capsys)
    shop.commit(**{"shop.py": "def total(a, b):\n    return a - b\n"})
    push(shop, "main")
    return shop


@pytest.fixture
def burning(shop: Gated) -> Gated:
    """A P1 whose hotfix was begun at what is on main."""
    shop.declare(hotfix_from=git(shop.root, "rev-parse", "HEAD"))
    return shop


def push(shop: Gated, *names: str) -> None:
    """Push as somebody does who does not want to hear of the gates."""
    git(shop.root, "push", "-q", "--no-verify", "origin", *names)


def to_main(shop: Gated, head: str = "HEAD", rule: str = "") -> dict[str, Any]:
    """Return what the gate says, or one row of it, when a commit is about to be pushed to main."""
    old, new = git(shop.root, "rev-parse", "refs/remotes/origin/main", head).split()
    answer = shop.gate("pre-push", "origin", "url", given=line("refs/heads/main", old, new))
    return rows(answer)[rule] if rule else answer


# ---- By another branch


def test_what_another_branch_has_is_new_to_main(burning: Gated) -> None:
    git(burning.root, "switch", "-qc", "feature")
    burning.commit(**{"shop.py": FEATURE})
    push(burning, "feature")
    assert to_main(burning, rule="only-the-hotfix")["effect"] == "blocks"


def test_a_secret_on_another_branch_is_stopped_before_main(shop: Gated) -> None:
    git(shop.root, "switch", "-qc", "feature")
    shop.commit(a=SECRET)
    shop.commit(a="")
    push(shop, "feature")
    assert to_main(shop, rule="secrets")["effect"] == "blocks"


def test_a_new_protected_branch_is_compared_with_the_default_one(burning: Gated) -> None:
    burning.commit(**{"andon.toml": 'service = "shop"\n[gates]\nprotected = ["main", "release/*"]\n'})
    push(burning, "main")
    git(burning.root, "switch", "-qc", "feature")
    head = burning.commit(**{"shop.py": FEATURE})
    push(burning, "feature")
    answer = burning.gate("pre-push", "origin", "url", given=line("refs/heads/release/2", "", head))
    assert rows(answer)["range-known"]["evidence"].startswith("1 commits")


def test_a_hotfix_that_was_pushed_unseen_is_judged_on_its_way_to_main(burning: Gated) -> None:
    git(burning.root, "switch", "-qc", BRANCH)
    burning.commit("INC-1: more", **{"shop.py": FEATURE})
    push(burning, BRANCH)
    assert to_main(burning, rule="no-feature")["effect"] == "blocks"


def test_a_picked_hotfix_is_judged_as_the_hotfix(burning: Gated) -> None:
    git(burning.root, "switch", "-qc", BRANCH)
    burning.commit("INC-1: more", **{"shop.py": FEATURE})
    push(burning, BRANCH)
    git(burning.root, "switch", "-q", "main")
    burning.commit("INC-1: other", other="1\n")
    git(burning.root, "cherry-pick", BRANCH)
    assert to_main(burning, rule="no-feature")["effect"] == "blocks"


def test_every_place_at_which_the_hotfix_stands_is_judged(burning: Gated) -> None:
    """A reference to a feature that is called like the hotfix's branch on some remote hides nothing."""
    git(burning.root, "switch", "-qc", "feature")
    feature = burning.commit("INC-1: more", **{"shop.py": FEATURE})
    git(burning.root, "update-ref", f"refs/remotes/x/{BRANCH}", feature)
    git(burning.root, "switch", "-qc", BRANCH, "main")
    fix = burning.commit("INC-1: fix", note="1\n")
    git(burning.root, "switch", "-q", "--detach")
    git(burning.root, "merge", "-q", "--no-verify", "-m", "INC-1: both", "feature")
    answer = to_main(burning)
    assert git(burning.root, "rev-parse", BRANCH) == fix
    assert rows(answer)["no-feature"]["effect"] == "blocks"


def test_a_release_is_made_of_the_hotfix(burning: Gated) -> None:
    """A tag reaches no protected branch, and production all the same."""

    def tagged(head: str, tag: str) -> dict[str, Any]:
        answer = burning.gate("pre-push", "origin", "url", given=line(f"refs/tags/{tag}", "", head))
        return rows(answer)["only-the-hotfix"]

    git(burning.root, "switch", "-qc", "feature")
    feature = burning.commit("INC-1: more", **{"shop.py": FEATURE})
    git(burning.root, "switch", "-qc", BRANCH, "main")
    fix = burning.commit("INC-1: fix", note="1\n")
    row = tagged(feature, "v1.3.0")
    assert row["effect"] == "blocks" and f"not of {BRANCH}" in row["evidence"]
    assert tagged(fix, "v1.2.1")["verdict"] == "passed"
    assert tagged(feature, "seen-by-ann")["verdict"] == "passed"


# ---- By what git keeps beside the history


def test_a_graft_hides_no_commit(shop: Gated) -> None:
    base = git(shop.root, "rev-parse", "HEAD")
    shop.commit(a=SECRET)
    head = shop.commit(a="")
    (shop.root / ".git" / "info").mkdir(exist_ok=True)
    (shop.root / ".git" / "info" / "grafts").write_text(f"{head} {base}\n")
    assert to_main(shop, rule="secrets")["effect"] == "blocks"


@pytest.mark.parametrize("attribute", ["-diff", "binary", "diff=odd"])
def test_an_attribute_hides_no_line(shop: Gated, attribute: str) -> None:
    git(shop.root, "config", "diff.odd.binary", "true")
    shop.commit(**{".gitattributes": f"* {attribute}\n"})
    push(shop, "main")
    shop.commit(a="<<<<<<< mine\n", **{"real.png": "\0\0\n"})
    found = rows(to_main(shop))
    assert found["conflict-markers"]["effect"] == "blocks"
    assert found["readable"]["evidence"].startswith("real.png: binary")


def test_what_an_annotated_tag_says_is_read(shop: Gated) -> None:
    git(shop.root, "tag", "-am", SECRET, "inner")
    git(shop.root, "tag", "-am", "harmless", "outer", "inner")
    tag = git(shop.root, "rev-parse", "outer")
    answer = shop.gate("pre-push", "origin", "url", given=line("refs/tags/outer", "", tag))
    assert rows(answer)["secrets"]["effect"] == "blocks"


def test_what_is_pushed_may_have_blanks_in_its_name(shop: Gated) -> None:
    given = line("refs/heads/topic", "", git(shop.root, "rev-parse", "HEAD"), "HEAD@{1 hour ago}")
    assert shop.gate("pre-push", "origin", "url", given=given)["code"] == 0


# ---- By another journal, or another configuration


def test_a_journal_elsewhere_does_not_end_a_hotfix(
    burning: Gated, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    git(burning.root, "switch", "-qc", BRANCH)
    head = burning.commit("INC-1: more", **{"shop.py": FEATURE})
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "elsewhere"))
    answer = burning.gate("pre-push", "origin", "url", given=line(f"refs/heads/{BRANCH}", "", head))
    assert answer["changes"][0]["gear"] == "HOTFIX"
    assert rows(answer)["no-feature"]["effect"] == "blocks"
    assert rows(answer)["gear-known"]["evidence"] == "the journal here knows no INC-1"
    git(burning.root, "switch", "-qc", "topic")
    assert burning.gate("pre-commit")["changes"][0]["gear"] == "BUILD"


@pytest.mark.parametrize("text", ['service = "other"\n', 'service = "shop"\n[gates]\nprotected = ["x"]\n'])
@pytest.mark.parametrize("is_committed", [True, False])
def test_a_push_cannot_bring_its_own_configuration(burning: Gated, text: str, is_committed: bool) -> None:
    git(burning.root, "switch", "-qc", "feature")
    if not is_committed:
        burning.commit(**{"shop.py": FEATURE})
    burning.write("andon.toml", text)
    if is_committed:
        burning.commit(**{"shop.py": FEATURE})
    assert to_main(burning, rule="only-the-hotfix")["effect"] == "blocks"
    given = line("refs/heads/main", git(burning.root, "rev-parse", "origin/main"), "")
    answer = burning.gate("pre-push", "origin", "url", given=given)
    assert rows(answer)["only-the-hotfix"]["effect"] == "blocks"


def test_ci_reads_the_configuration_of_the_branch_the_commits_are_for(burning: Gated) -> None:
    """Neither where the branch began, nor a history of its own, brings back an older configuration."""
    old = git(burning.root, "rev-parse", "HEAD")
    base = burning.commit("stricter", **{"andon.toml": 'service = "shop"\n[gates]\nprotected = ["topic"]\n'})
    git(burning.root, "switch", "-qc", "topic", old)
    for head in (burning.commit(a="1\n"), git(burning.root, "commit-tree", "HEAD^{tree}", "-m", "alone")):
        answer = burning.gate("ci", "--base", base, "--head", head)
        assert f"{base[:10]}:andon.toml" in rows(answer)["configuration"]["evidence"]


def test_the_first_configuration_of_a_branch_holds_where_it_is_written(burning: Gated) -> None:
    git(burning.root, "rm", "-q", "--cached", "andon.toml")
    git(burning.root, "commit", "-qm", "none")
    push(burning, "main")
    burning.commit(**{"shop.py": FEATURE})
    assert to_main(burning)["changes"][0]["gear"] == "HOTFIX"


# ---- By a second incident


def test_each_of_two_hotfixes_is_guarded_and_may_reach_main(burning: Gated) -> None:
    from andon.cli.main import main
    from andon.incident.hotfix_events import HotfixStarted

    base = git(burning.root, "rev-parse", "HEAD")
    assert main(["declare", "search is down too", "--severity", "P0", "--no-capture"]) == 0
    with burning.desk() as desk:
        begun = HotfixStarted(branch="hotfix/INC-2", base_version="v1", base_commit=base)
        desk.append("INC-2", (begun,))
    git(burning.root, "switch", "-qc", "hotfix/INC-2")
    fix = burning.commit("INC-2: fix", **{"shop.py": "def total(a, b):\n    return a + b\n"})
    found = to_main(burning)
    assert rows(found)["only-the-hotfix"]["verdict"] == "passed" and found["code"] == 0
    assert found["changes"][0]["incident"] == "INC-2"
    head = burning.commit("INC-2: more", **{"shop.py": FEATURE})
    given = line("refs/heads/hotfix/INC-2", fix, head)
    assert rows(burning.gate("pre-push", "origin", "u", given=given))["no-feature"]["effect"] == "blocks"


# ---- By judging nothing


def test_a_commit_compared_with_itself_is_not_judged(shop: Gated) -> None:
    answer = shop.gate("ci", "--base", "HEAD", "--head", "HEAD")
    assert answer["code"] == 3
    assert "compared with itself" in rows(answer)["range-known"]["evidence"]


def test_a_build_again_begins_at_the_last_one_that_passed(
    shop: Gated, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second build of a commit that the gate stopped, and that of the next commit, stop as well."""
    base = git(shop.root, "rev-parse", "HEAD")
    bad = shop.commit(a="<<<<<<< mine\n")
    for name, value in {
        "JENKINS_URL": "u",
        "GIT_BRANCH": "origin/main",
        "GIT_PREVIOUS_COMMIT": bad,
        "GIT_PREVIOUS_SUCCESSFUL_COMMIT": base,
    }.items():
        monkeypatch.setenv(name, value)
    for head in (bad, shop.commit(b="fine\n")):
        monkeypatch.setenv("GIT_COMMIT", head)
        assert rows(shop.gate("ci"))["conflict-markers"]["effect"] == "blocks"


def test_a_clock_that_was_set_back_revives_no_waiver(shop: Gated, monkeypatch: pytest.MonkeyPatch) -> None:
    from andon.cli.main import main

    shop.commit(a="<<<<<<< mine\n")
    monkeypatch.setenv("ANDON_NOW", "2026-03-01T10:00:00Z")
    words = ["ship", "waive", "conflict-markers", "--until", "1d", "--reason", "the marker is an example"]
    assert main(words) == 0
    assert to_main(shop, rule="conflict-markers")["effect"] == "waived"
    monkeypatch.setenv("ANDON_NOW", "2026-03-05T10:00:00Z")
    assert to_main(shop, rule="conflict-markers")["effect"] == "blocks"
    assert main(["ship", "waive", "readable", "--reason", "what is recorded says how late it is"]) == 0
    monkeypatch.setenv("ANDON_NOW", "2026-03-01T10:00:00Z")
    assert to_main(shop, rule="conflict-markers")["effect"] == "blocks"


def test_a_link_does_not_leave_by_way_of_another(shop: Gated) -> None:
    (shop.root / "a").mkdir()
    shop.write("a/file", "1\n")
    (shop.root / "deep" / "er").mkdir(parents=True)
    (shop.root / "deep" / "er" / "there").symlink_to("../../a")
    (shop.root / "out").symlink_to("deep/er/there/../../etc")
    git(shop.root, "add", "-A")
    row = rows(shop.gate("pre-commit"))["links-inside"]
    assert row["verdict"] == "failed" and [o["path"] for o in row["objections"]] == ["out"]


def test_markers_in_what_nobody_read_are_not_known(shop: Gated, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("andon.production.git_changes._DIFF", 1 << 12)
    shop.write("a", "<<<<<<< mine\n" * 1000)
    git(shop.root, "add", "-A")
    assert rows(shop.gate("pre-commit"))["conflict-markers"]["verdict"] == "unknown"


# ---- By a merge, or by another name of main


def test_a_merge_of_the_hotfix_brings_nothing_of_its_own(burning: Gated) -> None:
    git(burning.root, "switch", "-qc", BRANCH)
    burning.commit("INC-1: fix", **{"shop.py": "def total(a, b):\n    return a + b\n"})
    git(burning.root, "switch", "-q", "main")
    for text in (FEATURE, "def total(a, b):\n    return a - b\n"):  # more than the fix, and less
        git(burning.root, "merge", "-q", "--no-ff", "--no-commit", BRANCH)
        burning.commit("INC-1: merge", **{"shop.py": text})
        row = to_main(burning, rule="only-the-hotfix")
        assert row["effect"] == "blocks" and "shop.py is neither" in row["objections"][0]["text"]
        git(burning.root, "reset", "-q", "--hard", "HEAD^")
    git(burning.root, "merge", "-q", "--no-ff", "--no-edit", BRANCH)
    assert to_main(burning, rule="only-the-hotfix")["verdict"] == "passed"


def test_a_conflict_with_the_hotfix_may_be_solved(burning: Gated) -> None:
    git(burning.root, "switch", "-qc", BRANCH)
    burning.commit("INC-1: fix", **{"shop.py": "def total(a, b):\n    return a + b\n"})
    git(burning.root, "switch", "-q", "main")
    burning.commit("moved on", **{"shop.py": "def total(a, b):\n    return b - a\n"})
    push(burning, "main")
    git(burning.root, "merge", "-q", "--no-ff", "--no-commit", BRANCH, check=False)
    burning.commit("INC-1: merge", **{"shop.py": "def total(a, b):\n    return b + a\n"})
    assert to_main(burning, rule="only-the-hotfix")["verdict"] == "passed"


def test_a_review_that_is_submitted_at_once_is_a_push(burning: Gated) -> None:
    git(burning.root, "switch", "-qc", "feature")
    head = burning.commit(**{"shop.py": FEATURE})
    for ref, effect in (("refs/for/main%topic=x,submit", "blocks"), ("refs/for/main%topic=x", "passes")):
        answer = burning.gate("pre-push", "origin", "url", given=line(ref, "", head))
        assert rows(answer)["only-the-hotfix"]["effect"] == effect


# ---- By another severity


def test_a_hotfix_that_was_begun_stays_one(burning: Gated) -> None:
    """A lower severity is a judgement about the harm, not about what may be in the fix."""
    from andon.cli.main import main

    git(burning.root, "switch", "-qc", BRANCH)
    head = burning.commit("INC-1: more", **{"shop.py": FEATURE})
    assert main(["severity", "P2", "--reason", "few customers notice it after all"]) == 0
    given = line(f"refs/heads/{BRANCH}", "", head)
    answer = burning.gate("pre-push", "origin", "url", given=given)
    assert answer["changes"][0]["why"] == "the hotfix of INC-1 is under way"
    assert rows(answer)["no-feature"]["effect"] == "blocks"


def test_one_justified_step_back_is_not_every_step_back(burning: Gated) -> None:
    marks = set()
    for text in ("one", "two"):
        new = git(burning.root, "commit-tree", "-m", text, "HEAD^{tree}")
        marks.add(to_main(burning, new, "only-the-hotfix")["objections"][0]["fingerprint"])
    assert len(marks) == 2
