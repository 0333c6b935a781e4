"""A small application with the faults that only many users, or many rows, bring out; a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

POOL, HELD, WAITED = 5, 0.1, 0.5
#: An answer to what was typed first overwrites the one to what was typed last, if it comes later.
SEARCH = """
const show = (q) => fetch('/find?q=' + q).then((a) => a.text()).then((t) => { list.textContent = t; });
q.addEventListener('input', () => { show(q.value.slice(0, 2)); show(q.value); });
"""
#: It gives up after two seconds, and says so.
IMPATIENT = """
const stop = new AbortController();
setTimeout(() => stop.abort(), 2000);
fetch('/find', { signal: stop.signal }).then((a) => a.text()).then((t) => { list.textContent = t; })
  .catch(() => { list.textContent = 'too slow'; });
"""


class App:
    """Its state is lost with the process."""

    def __init__(self) -> None:
        self.pool = asyncio.Semaphore(POOL)
        self.count = 0
        self.asked = 0
        #: Answers to the first letters, each of which lets one answer to the whole word follow.
        self.begun = asyncio.Semaphore(0)
        self.baskets: dict[str, list[str]] = {}
        self.orders: list[int] = []

    async def quick(self, _: web.Request) -> web.Response:
        await asyncio.sleep(0.02)
        return web.json_response({"ok": True})

    async def pooled(self, _: web.Request) -> web.Response:
        try:
            await asyncio.wait_for(self.pool.acquire(), WAITED)
        except TimeoutError:
            return web.json_response({"error": "no free connection in the pool"}, status=503)
        try:
            await asyncio.sleep(HELD)
        finally:
            self.pool.release()
        return web.json_response({"ok": True})

    async def add(self, _: web.Request) -> web.Response:
        self.asked += 1
        seen = self.count
        await asyncio.sleep(0.005)
        self.count = seen + 1
        return web.json_response({"count": self.count})

    async def counted(self, _: web.Request) -> web.Response:
        lost = self.asked - self.count
        state = "updates were lost" if lost else "all there"
        return web.json_response({"count": self.count, "asked": self.asked, "state": state})

    async def open_basket(self, request: web.Request) -> web.Response:
        number = str(len(self.baskets) + 101)
        self.baskets[number] = [await request.text()]
        answer = web.json_response({"basket_id": int(number), "items": 7})
        answer.set_cookie("basket", number)
        return answer

    async def own_basket(self, request: web.Request) -> web.Response:
        number = request.match_info["number"]
        if request.cookies.get("basket") != number:
            return web.json_response({"error": "not your basket"}, status=403)
        return web.json_response({"basket_id": int(number), "sent": await request.text()})

    async def rows(self, request: web.Request) -> web.Response:
        count, one_by_one = int(request.query["rows"]), "one_by_one" in request.query
        with sqlite3.connect(":memory:") as database:
            database.execute("CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT)")
            database.executemany("INSERT INTO item (name) VALUES (?)", (("thing",),) * count)
            if one_by_one:
                ids = [row[0] for row in database.execute("SELECT id FROM item")]
                found = [database.execute("SELECT * FROM item WHERE id = ?", (i,)).fetchone() for i in ids]
            else:
                found = database.execute("SELECT * FROM item ORDER BY id LIMIT 20").fetchall()
        database.close()
        return web.json_response({"items": len(found)})

    async def hang(self, _: web.Request) -> web.Response:
        await asyncio.sleep(3600)
        return web.Response()

    async def zone(self, _: web.Request) -> web.Response:
        hours = {"UTC": 0, "Europe/Berlin": 1}[os.environ["STORE_TZ"]]
        return web.json_response({"hours": hours})

    async def fails(self, _: web.Request) -> web.Response:
        return web.json_response({"error": "no"}, status=500)

    async def page(self, request: web.Request) -> web.Response:
        script = SEARCH if request.path == "/search" else IMPATIENT
        body = f"<input id=q><p id=list></p><script>{script}</script>"
        return web.Response(text=f"<!doctype html><title>Shop</title>{body}", content_type="text/html")

    async def find(self, request: web.Request) -> web.Response:
        """Answer; to a whole word well after its first letters, so that only a page can turn them round."""
        word = request.query.get("q")
        if word == "apricot":
            await self.begun.acquire()
            await asyncio.sleep(0.2)
        elif word is not None:
            self.begun.release()
        return web.Response(text="apricot" if word in (None, "apricot") else "apple")

    async def secret(self, _: web.Request) -> web.Response:
        return web.json_response({"password": "canary-in-an-answer"}, headers={"Set-Cookie": "s=canary"})


def application() -> web.Application:
    """Return it, with nothing in it."""
    app, state = web.Application(), App()
    app.add_routes(
        [
            web.get("/quick", state.quick),
            web.get("/pooled", state.pooled),
            web.post("/count", state.add),
            web.get("/count", state.counted),
            web.post("/baskets", state.open_basket),
            web.put("/baskets/{number}", state.own_basket),
            web.get("/rows", state.rows),
            web.get("/hang", state.hang),
            web.get("/fails", state.fails),
            web.get("/zone", state.zone),
            web.get("/search", state.page),
            web.get("/impatient", state.page),
            web.get("/find", state.find),
            web.get("/secret", state.secret),
        ]
    )
    return app


async def _serve() -> None:
    runner = web.AppRunner(application(), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", int(os.environ.get("PORT", "0")))
    await site.start()
    print(json.dumps(runner.addresses[0][1]), flush=True)
    await asyncio.Event().wait()


@contextmanager
def crowded_app() -> Iterator[str]:
    """Start it as a process; yields its address and ends it by its process id."""
    with subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()
            process.wait(10)


if __name__ == "__main__":
    asyncio.run(_serve())
