"""Two people go the whole way by hand, from `init` to `close`; the state is checked at each step."""

from __future__ import annotations

from tests.acceptance.shop import BROKEN, Shop

#: What people write into the postmortem.
WORDS = {
    "summary/user-impact": "Two hundred customers could not pay for six minutes.",
    "cause/why-not-caught": "No test buys a product from before March, and no alarm watches orders.",
    "lessons/went-well": "The rollback took a few seconds.",
    "lessons/went-poorly": "Nobody noticed before customers called.",
    "lessons/next-time": "Watch the number of orders.",
}
REGRESSION = {
    "symptom": "checkout answers 500 for old products",
    "root-cause": "the price field is missing in rows from before March",
    "incorrect-behaviour": "a missing price raised an error in the middle of an order",
    "correct-solution": "read the price with a default and fill in the old rows",
    "enforced-path": "only the pricing module reads prices",
    "prevention-mechanism": "tests/test_pricing.py buys a product from before March",
}


def test_a_p0_from_the_first_command_to_the_last(shop: Shop) -> None:
    shop.toml_path.unlink()
    found = shop.json("init")
    assert found["written"] == str(shop.toml_path)
    shop.andon("init", code=1)  # never overwrites
    shop.configure(more='[people]\non_call = ["mina"]')
    shop.andon("doctor")

    assert shop.json("verify") | {"probes": 0} == {"verdict": "passed", "judged_good": "v1.1.0", "probes": 0}
    shop.release(BROKEN)
    shop.switch(BROKEN)
    assert shop.json("deployed", BROKEN)["verdict"] == "unknown"
    assert shop.json("verify", code=1)["verdict"] == "failed"
    assert shop.json("gear")["gear"] == "BUILD"

    declared = shop.json("declare", "checkout answers 500", "--severity", "P0")
    assert (declared["incident"], declared["status"], declared["severity"]) == ("INC-1", "declared", "P0")
    assert shop.json("gear")["gear"] == "HOTFIX"
    kinds = {e["kind"] for e in shop.json("evidence", "list")}
    assert kinds >= {"release", "probe", "log", "git"}

    assert shop.json("ack", ANDON_ACTOR="ben")["owner"] == "ben"
    assessed = shop.json("assess")["assessment"]
    assert (assessed["running_version"], assessed["last_known_good"]) == (BROKEN, "v1.1.0")
    assert (assessed["suspect"], assessed["suspect_version"]) == ("deployment", BROKEN)
    shop.andon("decide", "rollback", code=1, ANDON_ACTOR="ben")  # mina is on call
    assert shop.json("decide", "rollback")["decided"]["authority"] == "on-call"
    shop.andon("mitigate", code=1)
    assert shop.running() == BROKEN
    rolled = shop.json("rollback", "--yes")
    assert (rolled["outcome"], rolled["verification"]["verdict"]) == ("succeeded", "passed")
    assert shop.running() == "v1.1.0"
    assert {r["version"]: r["verdict"] for r in shop.json("releases")["releases"]}[BROKEN] == "bad"
    assert shop.json("verify")["verification"]["verdict"] == "passed"

    mitigated = shop.json("mitigate")
    assert mitigated["status"] == "mitigated"
    assert mitigated["postmortem_due"] is not None
    assert shop.json("gear")["gear"] == "HOTFIX"
    assert shop.json("resolve", "--cause", "the price of old products is missing")["status"] == "resolved"
    assert shop.json("gear")["gear"] == "BUILD"
    shop.andon("close", code=1)
    learn(shop)
    closed = shop.json("close")
    assert (closed["status"], closed["owner"]) == ("closed", "ben")
    assert shop.json("status")["open"] == []
    whole = shop.ask("audit")
    assert whole["whole"]
    assert whole["evidence"] > 4
    shop.andon("note", "--incident", "INC-1", "a word after the end")
    shop.andon("mitigate", "INC-1", code=1)


def learn(shop: Shop) -> None:
    """Write the postmortem, the follow-ups, the regression and the log entry of the incident."""
    assert shop.json("postmortem", "draft")["missing"]
    shop.andon("postmortem", "publish", code=1)
    settings = [word for key, text in WORDS.items() for word in ("--set", f"{key}={text}")]
    shop.json("postmortem", "edit", *settings)
    shop.andon("actions", "add", "test that buys an old product", "--kind", "tests", "--owner", "ben")
    shop.andon("actions", "add", "alarm when no order arrives", "--kind", "monitoring", "--due", "2w")
    assert shop.json("postmortem", "lint")["missing"] == []
    words = [word for field, text in REGRESSION.items() for word in (f"--{field}", text)]
    shop.andon("regressions", "add", *words)
    published = shop.json("postmortem", "publish")["postmortem"]
    document = (shop.repository / published).read_text()
    assert all(text in document for text in WORDS.values())
    shop.json("actions", "done", "A1", "--proof", "tests/test_old_products.py")
    sign_what_is_left(shop)
    assert shop.json("status")["next"]["command"] == "andon log export"
    shop.andon("log", "export")
    assert "checkout answers 500" in (shop.repository / "INCIDENTS.md").read_text()
    assert REGRESSION["symptom"] in (shop.repository / "docs/regressions.md").read_text()
    assert len(shop.json("log")["entries"]) == 1
    assert [e["symptom"] for e in shop.json("regressions")["entries"]] == [REGRESSION["symptom"]]


def sign_what_is_left(shop: Shop) -> None:
    """Vouch for every item that no machine could prove."""
    for line in shop.json("status")["checklist"]:
        if line["standing"] == "open":
            shop.andon("sign", line["item"], "--reason", "looked at it with ben", code=(0, 1))
    left = [line for line in shop.json("status")["checklist"] if line["standing"] == "open"]
    assert not left, left


def test_a_p2_takes_the_lighter_way(shop: Shop) -> None:
    shop.andon("verify")
    incident = shop.json("declare", "mails are late", "--severity", "P2", "--because", "a customer called")
    assert shop.json("gear")["gear"] == "BUILD"
    shop.andon("ack")
    assert shop.json("verify", code=3)["verification"]["failure_gone"] == "unknown"  # no test had failed
    shop.andon("mitigate", code=1)
    shop.andon("sign", "failure-resolved", "--reason", "the customer got her mail")
    shop.andon("mitigate", "--by", "the queue was restarted")
    resolved = shop.json("resolve", "--cause", "the worker hung")
    assert resolved["postmortem_due"] is None
    said = shop.andon("close").stdout
    assert "closed" in said and "left open, as a P2 may" in said, "what nobody settled is named"
    assert shop.json("reopen", incident["incident"], "--reason", "late again")["status"] != "closed"
    assert shop.json("severity", "P1")["severity"] == "P1"
    assert shop.json("gear")["gear"] == "HOTFIX"
    shop.andon("severity", "P3", code=1)  # going down needs a reason
    assert shop.json("severity", "P3", "--reason", "one customer only")["severity"] == "P3"
    assert shop.ask("audit")["whole"]
