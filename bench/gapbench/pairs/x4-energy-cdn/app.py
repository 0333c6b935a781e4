"""Energy readings as bars, drawn with a library from a CDN."""

import json
import os

from kit.db import Database
from kit.web import App

app = App("energy")

PAGE = """<!doctype html><meta charset="utf-8"><title>Energy</title><h1>{meter}</h1>
<p>Average <b id="average">{average}</b> {unit}</p><div id="bars"></div><p id="problem" role="alert"></p>
<script>
addEventListener('error', (event) => {{
  if (event.error) document.getElementById('problem').textContent = 'Could not draw: ' + event.error.message;
}});
</script>
<script src="{cdn}/chart/latest.js"></script>
<script>Chart.bars(document.getElementById('bars'), {values});</script>"""


@app.get("/")
def page(request):
    with Database() as db:
        rows = db.query("SELECT reading FROM readings ORDER BY id DESC LIMIT 12")
    values = [row["reading"] for row in rows]
    return PAGE.format(
        meter=os.environ["METER"],
        unit=os.environ["UNIT"],
        values=json.dumps(values),
        average=sum(values) // len(values),
        cdn=os.environ["CDN_URL"],
    )


app.run()
