"""Kamal with two servers; a version without a container is complained about with exit code 0, as in Kamal."""

from __future__ import annotations

HEADER = (
    "CONTAINER ID   IMAGE                COMMAND         CREATED       "
    "STATUS                   PORTS     NAMES"
)


def answer(words, flags, state):
    match words:
        case ["app", "containers"]:
            return "\n\n\n".join(map(table, state["servers"]))
        case ["app", "version"]:
            return "\n\n\n".join(server["running"] for server in state["servers"])
        case ["lock", "status"]:
            return state.get("lock") or "There is no deploy lock"
        case ["rollback", version]:
            if any(version not in server["versions"] for server in state["servers"]):
                return f"The app version '{version}' is not available as a container"
            for server in state["servers"]:
                server["running"] = version
            return "Finished all in 3.2 seconds"
        case ["app", "logs"]:
            return "2024-05-01T10:00:00Z ERROR out of luck"
    raise SystemExit(f"Could not find command {words}")


def table(server):
    lines = [HEADER]
    for version in server["versions"]:
        status = "Up 2 minutes (healthy)" if version == server["running"] else "Exited (0) 2 hours ago"
        line = f"{'a1b2c3d4e5f6':15}{'acme/shop:' + version:21}{chr(34) + '/bin/serve' + chr(34):16}"
        lines.append(f"{line}{'3 hours ago':14}{server.get('status') or status:25}{'':10}shop-web-{version}")
    return "\n".join(lines)
