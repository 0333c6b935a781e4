"""Reports over sales, with a pool of connections."""

import os
import queue
import time

from kit.db import Database
from kit.outside import ask
from kit.web import App

app = App("reports")
SIZE, PATIENCE = 5, 1.0


class PoolTimeout(Exception):
    """No connection became free in time."""


class Pool:
    def __init__(self):
        self.free = queue.Queue()
        for _ in range(SIZE):
            self.free.put(Database())

    def take(self):
        try:
            return self.free.get(timeout=PATIENCE)
        except queue.Empty:
            raise PoolTimeout(
                f"QueuePool limit of size {SIZE} overflow 0 reached, connection timed out, timeout {PATIENCE:.2f}"
            ) from None


pool = Pool()


@app.get("/reports")
def index(request):
    return {"title": os.environ["TITLE"], "reports": ["sales"]}


@app.get("/reports/sales")
def sales(request):
    rate = ask(os.environ["FX_URL"], "/usd").json()["rate"]
    db = pool.take()
    try:
        rows = db.query("SELECT region, sum(cents) AS cents FROM sales GROUP BY region ORDER BY region")
        time.sleep(0.25)  # the charts are drawn while the connection is still held
        db.commit()
    finally:
        pool.free.put(db)
    digits = int(os.environ["ROUNDING"])
    return {
        "sales": [{"region": r["region"], "usd": round(int(r["cents"]) / 100 * rate, digits)} for r in rows]
    }


app.run()
