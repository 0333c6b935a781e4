"""What payroll relies on."""

from kit.client import get


def test_employees_are_listed():
    assert get("/employees").json()["employees"]


def test_a_payslip():
    slip = get("/employees/2/payslip").json()
    assert 0 < slip["net"] < slip["gross"]


def test_the_bank_gets_a_line_for_everybody():
    got = get("/payroll/2026-11.csv")
    assert got.status == 200
    assert len(got.text.splitlines()) >= 6
