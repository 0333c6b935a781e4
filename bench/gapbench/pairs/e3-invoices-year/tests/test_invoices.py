"""What the accountants rely on."""

import pytest

from kit.client import get


def test_invoices_are_listed():
    assert len(get("/invoices").json()["invoices"]) >= 8


@pytest.mark.parametrize("key", [1, 4])
def test_an_invoice_has_a_number(key):
    got = get(f"/invoices/{key}")
    assert got.status == 200
    assert "-2026-" in got.json()["number"]


def test_an_unknown_invoice_is_not_found():
    assert get("/invoices/99999").status == 404
