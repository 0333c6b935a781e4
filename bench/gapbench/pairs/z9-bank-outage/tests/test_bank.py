"""What the branch relies on."""

from kit.client import get


def test_accounts_are_listed():
    assert len(get("/accounts").json()["accounts"]) >= 7


def test_an_account_is_cleared():
    got = get("/accounts/5/cleared")
    assert got.status == 200
    assert got.json()["cleared"] is True
