"""The shop whose suites' artefacts are recorded: a page, a few endpoints, a login. Prints its port."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = """<!doctype html><title>Shop</title><h1>Shop</h1><ul id=items></ul><p id=rate></p><p id=weather></p>
<form id=login><input name=email id=email><input name=password id=password type=password>
<button>Sign in</button></form>
<p id=hello></p><button id=buy>Buy</button><p id=bought></p>
<script>
const get = (path, options) => fetch(path, options).then((answer) => answer.json());
const show = (id, text) => { document.getElementById(id).textContent = text; };
get('/api/items/7').then((item) => { document.getElementById('items').innerHTML = '<li>' + item.name; });
get('/api/rates?base=EUR').then((rate) => show('rate', 'Rate ' + rate.amount));
get('/api/weather').then((weather) => show('weather', weather.sky));
console.error('the price list is older than a day');
document.getElementById('login').onsubmit = (event) => {
  event.preventDefault();
  const sent = { email: email.value, password: password.value };
  const headers = { 'content-type': 'application/json' };
  get('/api/login', { method: 'POST', headers, body: JSON.stringify(sent) })
    .then((user) => show('hello', 'Hello ' + user.name));
};
buy.onclick = () => get('/api/orders?token=%s', { method: 'POST', body: '{"item": 7}' })
  .then((order) => show('bought', 'Order ' + order.number));
</script>"""
TOKEN = "planted-query-9Zk3"


class Shop(BaseHTTPRequestHandler):
    """Answers every request of the page."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        known = {
            "/api/items/7": {"name": "Hammer", "price": 12.5},
            "/api/rates": {"amount": 1.25},
            "/api/weather": {"sky": "real sky"},
            "/api/stock": {"count": 3},
        }
        if path == "/":
            self.answer(200, (PAGE % TOKEN).encode(), "text/html; charset=utf-8")
        elif path in known:
            self.answer(200, json.dumps(known[path]).encode())
        else:
            self.answer(404, b"{}")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.path.startswith("/api/login"):
            self.answer(
                200, b'{"name": "Ada", "token": "planted-answer-4Hq8"}', cookie="session=planted-cookie-7Rt2"
            )
        else:
            self.answer(201, b'{"number": 812}')

    def answer(
        self, status: int, body: bytes, content_type: str = "application/json", cookie: str = ""
    ) -> None:
        self.send_response(status)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(body)))
        self.send_header("x-api-version", "3")
        if cookie:
            self.send_header("set-cookie", f"{cookie}; HttpOnly")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    print(server.server_address[1], flush=True)
    server.serve_forever()
