"""Heroku: a rollback is a new release; it becomes the current one when its release phase succeeds."""

from __future__ import annotations


def answer(words, flags, state):
    match words:
        case ["releases"]:
            return sorted(state["releases"], key=lambda one: -one["version"])
        case ["releases:rollback", target]:
            return rollback(int(target[1:]), state)
        case ["ps"]:
            return state.get("dynos") or [dyno(current(state))]
        case ["logs"]:
            return "2024-05-01T10:00:00.000000+00:00 app[web.1]: ERROR out of luck"
    raise SystemExit(f" ›   Error: {words} is not a heroku command")


def current(state):
    return next(one["version"] for one in state["releases"] if one["current"])


def dyno(version, state="up"):
    return {"type": "web", "name": "web.1", "state": state, "release": {"version": version}}


def release(number, description, *, status="succeeded", is_current=False, eligible=True):
    return {
        "version": number,
        "description": description,
        "status": status,
        "current": is_current,
        "created_at": f"2024-05-0{number}T10:00:00Z",
        "eligible_for_rollback": eligible,
    }


def rollback(target, state):
    if target not in [one["version"] for one in state["releases"]]:
        raise SystemExit(" ›   Error: Couldn't find that release.")
    number = max(one["version"] for one in state["releases"]) + 1
    is_good = not state.get("release_phase_fails")
    for one in state["releases"] if is_good else ():
        one["current"] = False
    status = "succeeded" if is_good else "failed"
    state["releases"].append(release(number, f"Rollback to v{target}", status=status, is_current=is_good))
    return "Rolling back shop to v1... done"
