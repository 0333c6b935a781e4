"""A cluster with one Deployment or Rollout: revisions get a new number when one goes back to them."""

from __future__ import annotations

KEYS = {
    "Deployment": ("deployment.kubernetes.io/revision", "pod-template-hash"),
    "Rollout": ("rollout.argoproj.io/revision", "rollouts-pod-template-hash"),
}


def answer(words, flags, state):
    match words:
        case ["get", what]:
            return get(what, state)
        case ["rollout", "undo", "deployment/shop"] | ["argo", "rollouts", "undo", "shop"]:
            return undo(int(flags["to-revision"]), state)
        case ["rollout", "status", "deployment/shop"] | ["argo", "rollouts", "status", "shop"]:
            return "successfully rolled out"
        case ["argo", "rollouts", "set", "image", "shop", pair]:
            return set_image(pair.partition("=")[2], state)
        case ["argo", "rollouts", "promote", "shop"]:
            return promote(state, full="full" in flags)
        case ["argo", "rollouts", "abort", "shop"]:
            state.update(abort=True, index=0, phase="Degraded")
            return "rollout 'shop' aborted"
        case ["annotate", _, note]:
            state.setdefault("notes", []).append(note)
            return "annotated"
        case ["logs"]:
            return "[pod/shop-1/web] 2024-05-01T10:00:00Z ERROR out of luck"
    raise SystemExit(f"error: unknown command {words}")


def get(what, state):
    if what in ("deployment/shop", "rollouts.argoproj.io/shop"):
        return workload(state)
    if what == "replicasets":
        return {"items": [replica_set(one, state) for one in state["revisions"]] + state.get("strangers", [])}
    if what == "deployments,statefulsets":
        return {"items": [workload(state)]}
    found = state.get("resources", {}).get(what)
    if found is None:
        raise SystemExit(f'error: the server doesn\'t have a resource type "{what.partition("/")[0]}"')
    return found


def current(state):
    return next((one for one in state["revisions"] if one["number"] == state["current"]), None)


def workload(state):
    revision, _ = KEYS[state["kind"]]
    wanted, ready = state.get("replicas", 3), state.get("ready", 3)
    now = current(state)
    status = {
        "observedGeneration": 7,
        "replicas": wanted,
        "updatedReplicas": ready,
        "availableReplicas": ready,
        "conditions": state.get("conditions", []),
        "stableRS": state.get("stable") or (now and now["hash"]),
        "currentPodHash": now and now["hash"],
        "phase": state.get("phase", "Healthy"),
        "abort": state.get("abort", False),
    }
    spec = {}
    if "steps" in state:
        now_at = state.get("index", len(state["steps"]))
        waits = now_at < len(state["steps"]) and "pause" in state["steps"][now_at] and not status["abort"]
        status["currentStepIndex"] = now_at
        status["pauseConditions"] = [{"reason": "CanaryPauseStep"}] if waits else None
        spec["strategy"] = {"canary": {"steps": state["steps"]}}
        spec["template"] = replica_set(now, state)["spec"]["template"]
    return {
        "metadata": {
            "name": "shop",
            "generation": 7,
            "labels": state.get("labels", {}),
            "annotations": {revision: str(state["current"]), **state.get("annotations", {})},
        },
        "spec": {
            "replicas": wanted,
            **spec,
            "paused": state.get("paused", False),
            "selector": {"matchLabels": {"app": "shop", "tier": "web"}},
        },
        "status": status,
    }


def set_image(image, state):
    """Begin a canary as the controller does: a template of its own, at the first step that waits."""
    state["stable"] = state.get("stable") or current(state)["hash"]
    number = max(one["number"] for one in state["revisions"]) + 1
    made = {"number": number, "tag": image.rpartition(":")[2], "hash": f"hash{number}", "image": image}
    state["revisions"].append({**made, "created": "2024-05-09T10:00:00Z"})
    state.update(current=number, abort=False, phase="Progressing", index=-1)
    return promote(state)


def promote(state, *, full=False):
    """Go on to the next step that waits, or to the end."""
    steps = state["steps"]
    index = len(steps) if full else state["index"] + 1
    while index < len(steps) and "pause" not in steps[index]:
        index += 1
    state.update(index=index, phase="Paused", abort=False)
    if index == len(steps):
        state.update(stable=current(state)["hash"], phase="Healthy")
    return "rollout 'shop' promoted"


def replica_set(one, state):
    revision, label = KEYS[state["kind"]]
    containers = [
        {"name": "web", "image": one.get("image") or f"registry.example.com:5000/acme/shop:{one['tag']}"},
        {"name": "sidecar", "image": "registry.example.com/proxy:9"},
    ]
    return {
        "metadata": {
            "creationTimestamp": one["created"],
            "labels": {label: one["hash"]},
            "annotations": {revision: str(one["number"]), **one.get("annotations", {})},
            "ownerReferences": [{"kind": state["kind"], "name": "shop"}],
        },
        "spec": {"template": {"spec": {"containers": containers}}},
    }


def undo(number, state):
    target = next((one for one in state["revisions"] if one["number"] == number), None)
    if target is None:
        raise SystemExit(f"error: unable to find specified revision {number} in history")
    if number == state["current"]:
        return "skipped rollback (current template already matches revision)"
    target["number"] = max(one["number"] for one in state["revisions"]) + 1
    state["current"] = target["number"]
    return "rolled back"
