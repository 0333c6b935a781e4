"""The `andon.toml` of the practice shop: what a team writes down before anything breaks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

#: Who is on call in the drill; decisions are taken in this name.
ON_CALL = "mina"

#: A rollout that breaks at its first stage hits few, and declares a P2.
_TOLD_TOO = "P2 = {told}\n"
_FLAGS = """
[flags]
file = "flags.json"
server = {server}
confirm = 60
"""

CHECKOUT = '{"items": [{"sku": "tea", "quantity": 1}], "customer": {"name": "smoke test"}}'


def andon_toml(
    *,
    production: str,
    log: str,
    ports: Mapping[str, int],
    restart: Sequence[str],
    repeat: Sequence[str],
    test: Sequence[str],
    build: Sequence[str],
    flags: str = "",
) -> str:
    """Return the configuration for a production at these ports; `repeat` is the repeated checkout test.

    `test` is the shop's own test command, `build` makes a release directory of `{{version}}`; `flags` is the
    address of the flags' server, "" for a shop without switches.
    """
    shop, payments = f"http://127.0.0.1:{ports['shop']}", f"http://127.0.0.1:{ports['payments']}"
    told = [f"json://127.0.0.1:{ports['stakeholders']}/shop"]
    return f"""\
# How Andon finds its way around this shop. Everything here could be any team's.
service = "shop"
migrations = ["migrations"]

[deploy]
kind = "symlink"
root = {_toml(production)}
restart = {_toml(restart)}
timeout = 180
settle = 10

[[smoke]]
name = "health"
url = {_toml(shop + "/health")}
timeout = 20
covers = "web"

[[smoke]]
name = "front page"
url = {_toml(shop + "/")}
timeout = 20
text = "Green tea"
covers = "catalogue"

[[smoke]]
name = "checkout"
method = "POST"
url = {_toml(shop + "/checkout")}
headers = {{ "Content-Type" = "application/json" }}
body = {_toml(CHECKOUT)}
status = [201]
text = "receipt"
covers = "checkout"
timeout = 20

[[smoke]]
name = "checkout, ten in a row"
command = {_toml(repeat)}
covers = "checkout"
timeout = 90

[[dependency]]
name = "payments"
url = {_toml(payments + "/status")}
timeout = 20

[[logs]]
name = "shop"
file = {_toml(log)}
component = "shop"

[hotfix]
test = {_toml(test)}
build = {_toml(build)}
timeout = 300

[people]
on_call = ["{ON_CALL}"]
seniority = ["lena", "tom"]

[notify]
P0 = {_toml(told)}
P1 = {_toml(told)}
{_TOLD_TOO.format(told=_toml(told)) if flags else ""}
[review]
postmortems = "docs/postmortems"
incident_log = "INCIDENTS.md"
regressions = "docs/regressions.md"
action_days = 14
{_FLAGS.format(server=_toml(flags)) if flags else ""}"""


def _toml(value: str | Sequence[str]) -> str:
    """Return a string or a list of strings as TOML; JSON's escapes are valid in both."""
    return json.dumps(value) if isinstance(value, str) else json.dumps(list(value))
