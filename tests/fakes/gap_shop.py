"""A small shop with the bugs that a fast network hides, or without them; standard library only."""

from __future__ import annotations

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

FRUIT = ["apple", "apricot", "avocado", "banana"]

#: The buy button is there at once; what it does comes with a script that a script loads.
BUY = """<!doctype html><title>Buy</title><button id="buy">Buy</button><p id="said"></p>
<script>addEventListener("load", () => {
  const script = document.createElement("script");
  script.src = "/buy.js";
  document.body.append(script);
});</script>"""
LOADER = """const script = document.createElement("script");
script.src = "/buy-now.js";
document.body.append(script);"""
#: Mended: what cannot be clicked yet is not to be seen yet.
BUY_WAITS = BUY.replace("<button ", "<button hidden ")
BUY_SCRIPT = """document.getElementById("buy").onclick = () => {
  document.getElementById("said").textContent = "Bought";
};
document.getElementById("buy").hidden = false;"""
#: Stock is asked for with a time limit that no slow network keeps.
STOCK = """<!doctype html><title>Stock</title><p id="stock">loading</p>
<script>
  const limit = new AbortController();
  setTimeout(() => limit.abort(), 400);
  fetch("/api/stock", { signal: limit.signal }).then(r => r.json())
    .then(found => { document.getElementById("stock").textContent = `${found.left} left`; })
    .catch(() => { document.getElementById("stock").textContent = "Stock is not known"; });
</script>"""
#: Mended: it waits as long as it takes.
STOCK_WAITS = STOCK.replace("  setTimeout(() => limit.abort(), 400);\n", "")
#: Whatever answer comes last is shown, whichever question it belongs to.
SEARCH = """<!doctype html><title>Search</title><input id="q"><ul id="found"></ul>
<script>
  document.getElementById("q").oninput = async event => {
    const answer = await fetch("/search?q=" + encodeURIComponent(event.target.value));
    const found = await answer.json();
    document.getElementById("found").innerHTML = found.map(one => `<li>${one}</li>`).join("");
  };
</script>"""
#: Mended: only the answer to what stands in the field is shown.
SEARCH_WAITS = SEARCH.replace(
    "    document", "    if (answer.url.endsWith('=' + event.target.value)) document"
)
#: Asks twice, one after the other, and is right in the end.
SUMS = """<!doctype html><title>Sums</title><p id="sum"></p>
<script>
  const ask = () => fetch("/api/stock").then(r => r.json());
  const show = sum => { document.getElementById("sum").textContent = `${sum}`; };
  ask().then(one => ask().then(two => show(one.left + two.left)));
</script>"""


PAGES = {
    "/": "<title>Shop</title><h1>Shop</h1>",
    "/buy": BUY,
    "/stock": STOCK,
    "/search-page": SEARCH,
    "/sums": SUMS,
}
MENDED = PAGES | {"/buy": BUY_WAITS, "/stock": STOCK_WAITS, "/search-page": SEARCH_WAITS}


class Serving(ThreadingHTTPServer):
    """Serves these pages."""

    def __init__(self, port: int, pages: dict[str, str]) -> None:
        self.pages = pages
        super().__init__(("127.0.0.1", port), Shop)


class Shop(BaseHTTPRequestHandler):
    """Answers."""

    protocol_version = "HTTP/1.1"
    server: Serving

    def do_GET(self) -> None:
        """Answer a page, a script or JSON."""
        parts = urlsplit(self.path)
        pages = self.server.pages
        if parts.path in pages:
            self._answer(200, "text/html", pages[parts.path])
        elif parts.path in ("/buy.js", "/buy-now.js"):
            self._answer(200, "text/javascript", LOADER if parts.path == "/buy.js" else BUY_SCRIPT)
        elif parts.path == "/api/stock":
            self._answer(200, "application/json", json.dumps({"left": 3}))
        elif parts.path == "/search":
            wanted = parse_qs(parts.query).get("q", [""])[0]
            self._answer(
                200, "application/json", json.dumps([one for one in FRUIT if one.startswith(wanted)])
            )
        else:
            self._answer(404, "text/plain", "no such page")

    def _answer(self, status: int, kind: str, body: str) -> None:
        content = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_given: object) -> None:
        """Say nothing."""


class ShopServer:
    """The shop in a thread, on a free port of the loopback; mended, it works at any speed."""

    def __init__(self, *, is_mended: bool = False) -> None:
        self._pages = MENDED if is_mended else PAGES

    def __enter__(self) -> ShopServer:
        self._server = Serving(0, self._pages)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_problem: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


if __name__ == "__main__":
    Serving(int(sys.argv[1]), PAGES).serve_forever()
