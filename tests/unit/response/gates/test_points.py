"""What a push, a message, a link and a branch say, in tables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.errors import InvalidInput
from andon.response.gates.links import leads_outside
from andon.response.gates.message import incident_of, kept, names
from andon.response.gates.protected import is_protected, looks_like_release
from andon.response.gates.pushed import RefUpdate, read_pre_push, read_pre_receive

ONE, TWO, NONE = "1" * 40, "2" * 40, "0" * 40


def test_a_push_is_read() -> None:
    text = f"refs/heads/a {ONE} refs/heads/b {TWO}\n(delete) {NONE} refs/heads/c {ONE}\r\n"
    text += f"HEAD {ONE} refs/x {NONE}\n"
    assert read_pre_push(text) == (
        RefUpdate(ref="refs/heads/b", old=TWO, new=ONE, local="refs/heads/a"),
        RefUpdate(ref="refs/heads/c", old=ONE, new="", local=""),
        RefUpdate(ref="refs/x", old="", new=ONE, local="HEAD"),
    )
    assert read_pre_push("") == ()


def test_what_is_received_is_read() -> None:
    sha256 = "a" * 64
    assert read_pre_receive(f"{NONE} {sha256} refs/tags/v1\n") == (RefUpdate(ref="refs/tags/v1", new=sha256),)
    update = read_pre_receive(f"{ONE} {NONE} refs/heads/x\n")[0]
    assert update.is_deletion and update.branch == "x" and not update.is_tag


@pytest.mark.parametrize("text", ["x\n", f"{ONE}\n", f"a {ONE} b c\n", f"a b c d {ONE}\n", "a zz b yy\n"])
def test_what_git_does_not_send_is_refused(text: str) -> None:
    for read in (read_pre_push, read_pre_receive):
        with pytest.raises(InvalidInput):
            read(text)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (read_pre_push, read_pre_receive):
        try:
            read(text)
        except InvalidInput:
            continue


CUT = "# ------------------------ >8 ------------------------\n"


@pytest.mark.parametrize(
    ("raw", "comment", "cleanup", "left"),
    [
        ("a\n\nb\n", "#", "", "a\n\nb"),
        ("a\n# b\n", "#", "", "a"),
        ("a\n# b\n", ";", "", "a\n# b"),
        ("a\n; b\n", "auto", "", "a"),
        ("a\n# b\n", "auto", "strip", "a"),
        ("# b\n", "#", "verbatim", "# b"),
        ("# b\n", "#", "whitespace", "# b"),
        (f"a\n{CUT}b\n", "#", "", "a"),
        (f"a\n# c\n{CUT}b\n", "#", "scissors", "a\n# c"),
        (f"a\n{CUT.replace('#', '//')}b\n", "//", "", "a"),
        (f"a\n{CUT}b\n", "#", "verbatim", f"a\n{CUT}b"),
        ("a  \r\nb\t\r\n", "#", "", "a\nb"),
        ("", "#", "", ""),
    ],
)
def test_the_message_git_keeps(raw: str, comment: str, cleanup: str, left: str) -> None:
    assert kept(raw.encode(), comment=comment, cleanup=cleanup) == left


@given(st.binary(), st.sampled_from(["#", ";", "//", "auto", ""]))
def test_any_bytes_are_a_message(raw: bytes, comment: str) -> None:
    kept(raw, comment=comment)


@pytest.mark.parametrize(
    ("message", "is_named"),
    [
        ("INC-7: x", True),
        ("fixes inc-7.", True),
        ("(INC-7)", True),
        ("INC-77", False),
        ("XINC-7", False),
        ("SUB-INC-7", False),
        ("INC 7", False),
        ("INC-7 and INC-8", True),
        ("", False),
    ],
)
def test_an_incident_is_named(message: str, is_named: bool) -> None:
    assert names(message, "INC-7") == is_named


@pytest.mark.parametrize(
    ("branch", "incident"),
    [
        ("hotfix/INC-7", "INC-7"),
        ("hotfix/inc-7-pay", "INC-7"),
        ("hotfix/INC-7/pay", "INC-7"),
        ("hotfix/INC-7x", ""),
        ("hotfix/pay", ""),
        ("my/hotfix/INC-7", ""),
        ("hotfix/INC-7\n", ""),
        ("", ""),
    ],
)
def test_a_branch_is_called_after_an_incident(branch: str, incident: str) -> None:
    assert incident_of(branch) == incident


@pytest.mark.parametrize(
    ("path", "target", "is_inside"),
    [
        ("a", "b", True),
        ("a", "./b/../c", False),
        ("d/a", "../b", True),
        ("d/e/a", "../../b", True),
        ("a", "..", False),
        ("d/a", "../../b", False),
        ("d/a", "../..", False),
        ("a", "b/../../c", False),
        ("a", "/etc/passwd", False),
        ("a", "C:\\x", False),
        ("a", "c:/x", False),
        ("d/a", "..\\..\\x", False),
        ("a", "\\\\server\\x", False),
        ("a", ".git/hooks", False),
        ("d/a", "../.GIT/config", False),
        ("a", "dotgit/.git", True),
        ("a", "", True),
    ],
)
def test_where_a_link_leads(path: str, target: str, is_inside: bool) -> None:
    assert (leads_outside(path, target) == "") == is_inside


@pytest.mark.parametrize(
    ("branch", "patterns", "is_so"),
    [
        ("main", ("main",), True),
        ("mainly", ("main",), False),
        ("release/1.2", ("main", "release/*"), True),
        ("release", ("release/*",), False),
        ("a.b", ("a?b", "a.*"), True),
        ("axb", ("a.b",), False),
        ("", ("*",), False),
        ("x", ("*",), True),
        ("x", (), False),
    ],
)
def test_a_branch_is_protected(branch: str, patterns: tuple[str, ...], is_so: bool) -> None:
    assert is_protected(branch, patterns) == is_so


@pytest.mark.parametrize(
    ("ref", "is_one"),
    [
        ("refs/tags/v1.2.3", True),
        ("refs/tags/1.2", True),
        ("refs/tags/v7", True),
        ("refs/tags/shop-2026.11.1", True),
        ("refs/tags/web/v2.0.0-rc.1", True),
        ("refs/tags/v1.2.3+build.7", True),
        ("refs/tags/nightly", False),
        ("refs/tags/before-the-move", False),
        ("refs/tags/7", False),
        ("refs/heads/v1.2.3", False),
    ],
)
def test_a_tag_looks_like_a_release(ref: str, is_one: bool) -> None:
    assert looks_like_release(ref) == is_one
