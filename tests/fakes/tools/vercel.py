"""Vercel: deployments with addresses, and a domain that leads to one of them."""

from __future__ import annotations


def answer(words, flags, state):
    match words:
        case ["list", "shop"]:
            return {"contextName": "acme", "deployments": state["deployments"], "pagination": {}}
        case ["inspect", "shop.example.com"]:
            return {"id": "dpl_1", "url": state["serves"], "readyState": "READY"}
        case ["rollback" | "promote", url]:
            if url not in [one["url"] for one in state["deployments"]]:
                raise SystemExit("Error: Can't find the deployment")
            state["serves"] = url
            return "Success! Rollback complete"
        case ["logs"]:
            return '{"timestampInMs": 1714557600000, "level": "error", "message": "out of luck"}'
    raise SystemExit(f"Error: unknown command {words}")


def deployment(url, number, state="READY"):
    return {
        "id": f"dpl_{number}",
        "url": url,
        "state": state,
        "target": "production",
        "createdAt": 1_714_557_600_000 + number * 1000,
        "meta": {"githubCommitSha": f"{number}" * 40},
    }
