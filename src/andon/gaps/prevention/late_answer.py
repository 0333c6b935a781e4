"""The script with which a page holds back the first answer of one endpoint, in any browser."""

from __future__ import annotations

import json
import re

_SCRIPT = """(() => {
  const isHeld = (address) => HOLDS.test(new URL(address, location.href).pathname);
  let held = false;
  const late = () => new Promise((done) => setTimeout(done, MILLISECONDS));
  const settle = () => setTimeout(() => { window.andonLate = false; }, 100);
  const ownFetch = window.fetch;
  window.fetch = async (...given) => {
    const isFirst = !held && isHeld(given[0]?.url ?? given[0]);
    if (!isFirst) return ownFetch.apply(window, given);
    held = window.andonLate = true;
    try {
      const answer = await ownFetch.apply(window, given);
      await late();
      return answer;
    } finally {
      settle();
    }
  };
  const { open, send } = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.open = function (method, address, ...rest) {
    this.isFirst = !held && isHeld(address);
    held ||= this.isFirst;
    return open.call(this, method, address, ...rest);
  };
  XMLHttpRequest.prototype.send = function (...given) {
    if (!this.isFirst) return send.apply(this, given);
    window.andonLate = true;
    this.addEventListener('loadend', settle);
    late().then(() => send.apply(this, given));
  };
})();"""

#: True in a page once the answer that was held back has come, or when none was.
HAS_COME = "() => !window.andonLate"


def late_answer(endpoint: str, milliseconds: float) -> str:
    """Return the script for an endpoint as in `GET /search/{}`; it holds back one answer.

    From the request until the answer has come, and a moment longer, `window.andonLate` is true: a test can
    wait for what comes of it.
    """
    path = endpoint.partition(" ")[2] or endpoint
    pattern = "^" + "[^/]+".join(re.escape(piece) for piece in path.split("{}")) + "$"
    return _SCRIPT.replace("HOLDS", f"new RegExp({json.dumps(pattern)})").replace(
        "MILLISECONDS", f"{milliseconds:g}"
    )
