"""Docker with Compose: local images, a registry, and the containers of one project."""

from __future__ import annotations

import os

IMAGE = "registry.example.com/acme/shop"


def answer(words, flags, state):
    match words:
        case ["image", "ls", "{{json .}}", repository]:
            return tuple(image(tag, state) for tag in state["images"] if repository == IMAGE)
        case ["manifest", "inspect", reference]:
            if reference.removeprefix(f"{IMAGE}:") not in state.get("registry", []):
                raise SystemExit("manifest unknown")
            return "{}"
        case ["pull", reference]:
            state["images"].append(reference.rpartition(":")[2])
            return "Pull complete"
        case ["compose", "up", *services]:
            tag = os.environ["IMAGE_TAG"]
            if tag not in state["images"]:
                raise SystemExit(f"no such image: {IMAGE}:{tag}")
            state["containers"] = [container(name, f"{IMAGE}:{tag}") for name in services]
            return " Container shop-web-1  Healthy"
        case ["compose", "ps", *services]:
            if not os.environ.get("IMAGE_TAG"):
                raise SystemExit('required variable IMAGE_TAG is missing a value: "set it"')
            kept = [one for one in state["containers"] if one["Service"] in services]
            return kept if state.get("old") else tuple(kept)
        case ["compose", "logs", *_]:
            return "web-1  | 2024-05-01T10:00:00.000000000Z ERROR out of luck"
    raise SystemExit(f"docker: unknown command {words}")


def image(tag, state):
    place = len(state["images"]) - state["images"].index(tag)
    return {
        "Repository": IMAGE,
        "Tag": tag,
        "ID": f"sha256:{place:064}",
        "CreatedAt": f"2024-05-0{place} 10:00",
    }


def container(service, reference):
    return {"Service": service, "Image": reference, "State": "running", "Health": "healthy"}
