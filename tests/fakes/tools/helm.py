"""A Helm release: going back copies an old revision into a new one."""

from __future__ import annotations


def answer(words, flags, state):
    match words:
        case ["history", "shop"]:
            if not state["history"]:
                raise SystemExit("Error: release: not found")
            return state["history"]
        case ["rollback", "shop", number]:
            return rollback(int(number), state)
    raise SystemExit(f"Error: unknown command {words}")


def rollback(number, state):
    history = state["history"]
    target = next((one for one in history if one["revision"] == number), None)
    if target is None:
        raise SystemExit(f"Error: release has no {number} version")
    for one in history:
        one["status"] = "superseded" if one["status"] == "deployed" else one["status"]
    fresh = history[-1]["revision"] + 1
    history.append(
        {
            **target,
            "revision": fresh,
            "updated": f"2024-06-{fresh:02}T10:00:00.123456789+02:00",
            "status": "deployed",
            "description": f"Rollback to {number}",
        }
    )
    return "Rollback was a success! Happy Helming!"
