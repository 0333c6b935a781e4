"""What every fake command line tool does: record the call, get into the trouble it was told, else answer.

Runs in the tool's own process, with nothing of Andon. `state.json` beside the program is its world.
"""

from __future__ import annotations

import json
import os
import sys
import time

#: What of the environment is recorded.
TOLD = ("ANDON_OPERATION", "ANDON_VERSION", "IMAGE_TAG")


def play(name, answer, place):
    """Answer one call: `answer(words, flags, state)` returns what is printed, or exits with its complaint."""
    arguments = sys.argv[1:]
    env = {key: os.environ[key] for key in TOLD if key in os.environ}
    with open(os.path.join(place, "calls.jsonl"), "a") as file:
        file.write(json.dumps({"argv": [name, *arguments], "env": env}) + "\n")
    path = os.path.join(place, "state.json")
    with open(path) as file:
        state = json.load(file)
    trouble = next((t for t in state.get("trouble", ()) if set(t["when"]) <= set(arguments)), {})
    if "print" in trouble:
        sys.stdout.write(trouble["print"] * trouble.get("times", 1))
        sys.stdout.flush()
    if trouble and not trouble.get("acts"):
        time.sleep(trouble.get("sleep", 0))
        sys.exit(trouble.get("exit", 0))
    words = [word for word in arguments if not word.startswith("--")]
    flags = dict(word[2:].partition("=")[::2] for word in arguments if word.startswith("--"))
    said = answer(words, flags, state)
    with open(path + ".new", "w") as file:
        json.dump(state, file)
    os.replace(path + ".new", path)
    if "print" not in trouble:
        print(said)
    time.sleep(trouble.get("sleep", 0))
    sys.exit(trouble.get("exit", 0))
