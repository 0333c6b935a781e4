"""A flag that breaks the checkout is off in every process within seconds, forked workers included."""

import json

from tests.acceptance.drilled import OF_A_KILL, check_the_end, drill


def test_a_kill_reaches_every_process(tmp_path) -> None:
    done = drill("kill-switch", tmp_path)
    check_the_end(done, still_open=OF_A_KILL)
    assert done.running() == "v1.4.0"
    timeline = done.timeline()
    assert any("kill-switch" in text for text in timeline)
    assert not any("deployment succeeded" in text for text in timeline)
    (confirmed,) = (text for text in timeline if "processes confirmed" in text)
    number, _, connected = confirmed.partition(" of ")
    assert int(number.split()[-1]) == int(connected.split()[0]) == 202
    seen = [
        json.loads(line)
        for file in done.home.glob("*.jsonl")
        if file.name.startswith(("fleet-", "quotes"))
        for line in file.read_text().splitlines()
    ]
    last = {line["who"]: line for line in seen}
    assert len(last) == 200
    assert not [who for who, line in last.items() if line["on"]]
    assert len({line["pid"] for who, line in last.items() if who.startswith("quotes-")}) == 4
    actions = json.loads(done.andon("actions", "list", "--json", "-i", done.result["incident"]).stdout)
    assert [a for a in actions["actions"] if "quantity-discount" in a["title"] and a["state"] == "open"]
