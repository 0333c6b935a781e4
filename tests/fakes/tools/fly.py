"""Fly: releases with Go's field names, machines with lower-case ones."""

from __future__ import annotations


def answer(words, flags, state):
    match words:
        case ["releases"]:
            return state["releases"]
        case ["machine", "list"]:
            return state["machines"]
        case ["deploy"]:
            number = max(one["Version"] for one in state["releases"]) + 1
            fresh = release(number, flags["image"].rpartition(":")[2])
            state["releases"].insert(0, fresh)
            for one in state["machines"]:
                one["image_ref"]["tag"] = flags["image"].rpartition(":")[2]
            return "Visit your newly deployed app"
        case ["logs"]:
            return "2024-05-01T10:00:00Z app[1] ERROR out of luck"
    raise SystemExit(f"Error: unknown command {words}")


def release(number, tag, status="complete"):
    return {
        "ID": f"id{number}",
        "Version": number,
        "Status": status,
        "CreatedAt": f"2024-05-0{number}T10:00:00Z",
        "ImageRef": f"registry.fly.io/shop:{tag}",
    }


def machine(tag, state="started", check="passing"):
    place = {"registry": "registry.fly.io", "repository": "shop", "tag": tag}
    return {"id": "m1", "state": state, "image_ref": place, "checks": [{"name": "http", "status": check}]}
