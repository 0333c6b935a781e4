"""Where anybody would clone a remote, and who made a commit when."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from andon.errors import Unavailable
from andon.production.git_moments import signature
from andon.production.remote_hosts import GitRemoteHosts, public_address
from tests.leaked import git, repository


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("https://git.example.com/team/shop.git", "https://git.example.com/team/shop.git"),
        ("https://ann:secret@git.example.com/team/shop?x=y", "https://git.example.com/team/shop.git"),
        ("http://127.0.0.1:8080/shop", "http://127.0.0.1:8080/shop.git"),
        ("ssh://git@git.example.com:2222/team/shop.git", "https://git.example.com/team/shop.git"),
        ("git@git.example.com:team/shop.git", "https://git.example.com/team/shop.git"),
        ("git://git.example.com/shop", "https://git.example.com/shop.git"),
        ("/srv/shop.git", ""),
        ("../shop.git", ""),
        ("file:///srv/shop.git", ""),
        ("ext::sh -c x", ""),
        ("", ""),
    ],
)
def test_the_address_that_is_asked_has_no_credential(address: str, asked: str) -> None:
    assert public_address(address) == asked


def test_what_cannot_be_asked_is_unknown() -> None:
    assert GitRemoteHosts("/").visibility("/srv/shop.git")[0] == "unknown"
    assert GitRemoteHosts("/").visibility("http://127.0.0.1:1/shop.git")[0] == "unknown"


def test_a_remote_is_asked_for_its_references(tmp_path: Path) -> None:
    remote = repository(tmp_path / "remote")
    git(remote, "tag", "-a", "v1", "-m", "one")
    shop = repository(tmp_path / "shop")
    git(shop, "remote", "add", "origin", str(remote))
    git(shop, "remote", "add", "gone", str(tmp_path / "gone"))
    head = git(remote, "rev-parse", "HEAD")
    assert GitRemoteHosts(str(shop)).references("origin") == (
        ("refs/heads/main", head),
        ("refs/tags/v1", head),
    )
    with pytest.raises(Unavailable, match="cannot be listed"):
        GitRemoteHosts(str(shop)).references("gone")


@pytest.mark.parametrize(
    ("written", "name", "at"),
    [
        (b"Ann <ann@example.com> 86400 +0200", "Ann <ann@example.com>", datetime(1970, 1, 2, tzinfo=UTC)),
        (b"Ann <ann@example.com> -86400 +0000", "Ann <ann@example.com>", datetime(1969, 12, 31, tzinfo=UTC)),
        (b"A 1 <a> 0 +0000", "A 1 <a>", datetime(1970, 1, 1, tzinfo=UTC)),
        (b"Ann <a> 99999999999999999 +0000", "Ann <a>", None),
        (b"Ann <a> soon", "Ann <a> soon", None),
        (b"", "", None),
    ],
)
def test_a_signature_is_read_whatever_it_says(written: bytes, name: str, at: datetime | None) -> None:
    assert signature(written) == (name, at)
