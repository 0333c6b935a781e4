"""A set of flags with everything that an answer can be."""

from __future__ import annotations

from typing import Any

OFF_ON = {"on": True, "off": False}
#: Five percent of everybody.
SHARE = {"fractional": [["on", 500], ["off", 9500]]}
METADATA = {"owner": "mia", "expires": "2027-01-01"}


def flag(variants: dict[str, Any], default: str | None, **more: Any) -> dict[str, Any]:
    return {"state": "ENABLED", "variants": variants, "defaultVariant": default, **more}


FLAGS: dict[str, Any] = {
    "on": flag(OFF_ON, "on", metadata=METADATA),
    "staff": flag(
        OFF_ON, "off", targeting={"if": [{"ends_with": [{"var": "email"}, "@shop.example"]}, "on"]}
    ),
    "share": flag(OFF_ON, "off", targeting=SHARE),
    "since": flag(OFF_ON, "off", targeting={"if": [{"<": [{"var": "born"}, "2000-01-01"]}, "on"]}),
    "nested": flag(OFF_ON, "off", targeting={"if": [{"==": [{"var": "user.plan"}, "gold"]}, "on"]}),
    "text": flag({"a": "alpha", "empty": ""}, "a"),
    "whole": flag({"ten": 10, "none": 0}, "ten"),
    "real": flag({"half": 0.5, "two": 2}, "half"),
    "two": flag({"two": 2}, "two"),
    "object": flag({"x": {"deep": [1, {"a": None}]}, "y": {}}, "x"),
    "list": flag({"x": [1, 2]}, "x"),
    "disabled": {**flag(OFF_ON, "on"), "state": "DISABLED"},
    "undecided": flag(OFF_ON, None),
    "broken": flag(OFF_ON, "on", targeting={"no_such_operator": []}),
    "failing": flag(OFF_ON, "off", targeting={"var": "choice"}),
}
DOCUMENT: dict[str, Any] = {"flags": FLAGS, "metadata": {"set": "shop"}}
