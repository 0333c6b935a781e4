"""`andon gap report`: the page of the incident's search, in a file."""

from __future__ import annotations

import json
from pathlib import Path

from tests.acceptance.gap_shop import GapShop


def test_the_report_is_written_out_of_the_record(tmp_path: Path) -> None:
    shop = GapShop(tmp_path)
    nothing = shop.andon("gap", "report")
    assert nothing.returncode == 2 and "no search for the gap is on record" in nothing.stderr
    shop.andon("declare", "invoices answer 500", "--severity", "P1")
    assert shop.andon("gap", "report").returncode == 2, "nothing was searched yet"
    shop.gap("--url", "/invoices/7", "--status", "500")
    done = shop.andon("gap", "report", "--out", "gap.html")
    assert done.returncode == 0, done.stdout + done.stderr
    page = (shop.root / "gap.html").read_text()
    assert "A setting differs: STORE_TZ" in page
    assert page.rstrip().endswith("</html>")
    again = shop.andon("gap", "report", "--out", "gap.html")
    assert again.returncode == 1
    assert "there is a file of that name" in again.stdout + again.stderr
    forced = json.loads(shop.andon("gap", "report", "--out", "gap.html", "--force", "--json").stdout)
    assert forced["file"] == "gap.html"
    assert shop.andon("gap", "report", "--out", "nowhere/gap.html").returncode == 3
    assert shop.andon("gap", "report", "--out", "-").stdout == page
