"""GitHub Actions: a run appears when a workflow is started, with the name its run-name gives it."""

from __future__ import annotations

FIELDS = {"databaseId", "displayTitle", "event", "headSha", "status", "conclusion", "createdAt"}


def answer(words, flags, state):
    match words:
        case ["run", "list"]:
            if set(flags["json"].split(",")) != FIELDS:
                raise SystemExit("Unknown JSON field")
            return state["runs"][: int(flags["limit"])]
        case ["workflow", "run", "deploy.yml"]:
            return start(state)
        case ["run", "watch", _]:
            return "completed"
        case ["run", "view", number]:
            found = next((one for one in state["runs"] if str(one["databaseId"]) == number), None)
            if found is None:
                raise SystemExit("failed to get run: HTTP 404: Not Found")
            return {"status": found["status"], "conclusion": found["conclusion"], "url": "u"}
    raise SystemExit(f"unknown command {words}")


def start(state):
    import sys

    given = dict(
        word.partition("=")[2].partition("=")[::2] for word in sys.argv if word.startswith("--raw-field")
    )
    number = max((one["databaseId"] for one in state["runs"]), default=100) + 1
    if not state.get("loses"):
        title = f"deploy {given['version']}" + ("" if state.get("nameless") else f" {given['operation']}")
        ends = state.get("ends", "success")
        state["runs"].insert(0, run(number, title, ends, event="workflow_dispatch"))
    if state.get("prints_address"):
        return f"https://github.com/acme/shop/actions/runs/{number}"
    return "Created workflow_dispatch event for deploy.yml at main"


def run(number, title, conclusion="success", *, event="push", head="c" * 40):
    return {
        "databaseId": number,
        "displayTitle": title,
        "event": event,
        "headSha": head,
        "status": "completed" if conclusion else "in_progress",
        "conclusion": conclusion,
        "createdAt": f"2024-05-01T10:00:{number % 60:02}Z",
    }
