"""What every fake command line tool does: record the call, get into the trouble it was told, else answer.

Runs in the tool's own process, with nothing of Andon; `state` beside the program is its world. The `json`
module is not loaded, it takes longer than all the rest: a test starts such a tool a dozen times.
"""

from __future__ import annotations

import _json
import marshal
import os
import sys
import time

#: What of the environment is recorded.
TOLD = ("ANDON_OPERATION", "ANDON_VERSION", "IMAGE_TAG")


def play(name, answer, place):
    """Answer one call: `answer(words, flags, state)` returns what is printed, or exits with its complaint.

    A text is printed as it is, a tuple as JSON lines, anything else as JSON.
    """
    arguments = sys.argv[1:]
    env = {key: os.environ[key] for key in TOLD if key in os.environ}
    with open(os.path.join(place, "calls"), "ab") as file:
        file.write(marshal.dumps({"argv": [name, *arguments], "env": env}))
    path = os.path.join(place, "state")
    with open(path, "rb") as file:
        state = marshal.load(file)
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
    with open(path + ".new", "wb") as file:
        marshal.dump(state, file)
    os.replace(path + ".new", path)
    if "print" not in trouble:
        print(said if isinstance(said, str) else lines(said) if isinstance(said, tuple) else as_json(said))
    time.sleep(trouble.get("sleep", 0))
    sys.exit(trouble.get("exit", 0))


def lines(values):
    return "\n".join(map(as_json, values))


def as_json(value):
    encode = _json.make_encoder(
        None, None, _json.encode_basestring_ascii, None, ": ", ", ", False, False, True
    )
    return "".join(encode(value, 0))
