"""What to watch in production so that the same gap is seen before customers tell."""

from __future__ import annotations

import json
import re

from andon.gaps.failure import template
from andon.gaps.prevention.asking import one_line, wanted
from andon.gaps.prevention.explaining import where
from andon.gaps.words import Kind
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.gaps.failure import Failure
    from andon.gaps.verdict import Search

#: Users at once that are worth an alert.
_MANY = 5


class Signal(Record):
    """What an alert watches."""

    #: In PromQL.
    expression: str
    #: How long it must last.
    lasting: str
    #: What the names of metrics have to be in the team's own system for it to work.
    needs: str


def alert_rule(search: Search, failure: Failure) -> str:
    """Return a file with one Prometheus rule on the narrowed signal, as YAML."""
    verdict = search.verdict
    signal = signal_of(search, failure)
    kind = verdict.kinds[0].value if verdict.kinds else verdict.answer.value
    place = where(verdict.kinds[0], verdict.place) if verdict.kinds else "an input no test tries"
    is_of_the_endpoint = "http_requests_total" in signal.expression
    return "\n".join(
        [
            f"# Written by Andon, search {search.id}. {one_line(signal.needs, 300)}",
            "groups:",
            f"  - name: {_yaml(f'andon-gap-{search.id}')}",
            "    rules:",
            f"      - alert: {_yaml('Gap' + ''.join(w.capitalize() for w in kind.split('-')))}",
            f"        expr: {_yaml(signal.expression)}",
            f"        for: {_yaml(signal.lasting)}",
            "        labels:",
            "          severity: page",
            f"          gap: {_yaml(search.id)}",
            *_labelled(failure),
            "        annotations:",
            f"          summary: {_plain(one_line(f'production may fail again by {place}'))}",
            f"          description: {_plain(one_line(_told(search, failure), 300))}",
            *([] if is_of_the_endpoint or not failure.path else _second(search, failure, place)),
            "",
        ]
    )


def _labelled(failure: Failure) -> list[str]:
    """Return labels that say which endpoint, and with which status; none of what is not known."""
    labels = []
    if failure.path:
        labels.append(f"          endpoint: {_plain(one_line(f'{failure.method} {template(failure.path)}'))}")
    if failure.status >= 400:
        labels.append(f"          status: {_yaml(str(failure.status))}")
    return labels


def _told(search: Search, failure: Failure) -> str:
    asked = f"{failure.method} {template(failure.path)}" if failure.path else "the page"
    status = f" answered {failure.status}" if failure.status >= 400 else " failed"
    return f"{asked}{status} when it was found. {search.verdict.summary}"


def _second(search: Search, failure: Failure, place: str) -> list[str]:
    """Return a second rule: that the endpoint fails, whatever the cause is told by."""
    return [
        f"      - alert: {_yaml('GapEndpoint')}",
        f"        expr: {_yaml(_failing(failure))}",
        '        for: "2m"',
        "        labels:",
        "          severity: page",
        f"          gap: {_yaml(search.id)}",
        *_labelled(failure),
        "        annotations:",
        f"          summary: {_plain(one_line(f'{failure.method} {template(failure.path)} fails again'))}",
        f"          description: {_plain(one_line(f'When it was found, it was by {place}.', 300))}",
    ]


def _failing(failure: Failure) -> str:
    """Return, in PromQL, that more than a hundredth of an endpoint's answers fail as they did."""
    status = f'status=~"{failure.status}"' if failure.status >= 400 else 'status=~"5.."'
    every = f"sum(rate(http_requests_total{_labels(failure)}[5m]))"
    return f"sum(rate(http_requests_total{_labels(failure, status)}[5m])) / {every} > 0.01"


def signal_of(search: Search, failure: Failure) -> Signal:
    """Return the signal for what was found."""
    verdict = search.verdict
    kind = verdict.kinds[0] if verdict.kinds else None
    # Two or three at once are there all the time: then the failing endpoint is the signal.
    if kind is Kind.SCALE and verdict.place[:1] == ("users",) and (verdict.threshold or 10) >= _MANY:
        least = max(1, int(0.8 * (verdict.threshold or 10)))
        return Signal(
            expression=f"sum(http_requests_in_flight) >= {least}",
            lasting="1m",
            needs=(
                f"It fires at four fifths of the {verdict.threshold or 10:g} at once with which it failed;"
                " http_requests_in_flight is a gauge of requests under way."
            ),
        )
    if kind is Kind.SCALE and verdict.place[:1] == ("rows",):
        table = verdict.place[1] if len(verdict.place) > 1 else ""
        least = int(0.8 * (verdict.threshold or 1000))
        return Signal(
            expression=f"pg_stat_user_tables_n_live_tup{{relname={_quoted(table)}}} >= {least}",
            lasting="10m",
            needs="pg_stat_user_tables_n_live_tup is what postgres_exporter calls the live rows of a table.",
        )
    if (kind is Kind.NETWORK and _is_late(failure)) or failure.slower_than:
        seconds = failure.slower_than or 1.0
        return Signal(
            expression=(
                "histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket"
                f"{_labels(failure)}[5m]))) > {seconds:g}"
            ),
            lasting="5m",
            needs="http_request_duration_seconds is a histogram with the labels method and path.",
        )
    if kind is Kind.DEPENDENCY and verdict.place:
        name = _quoted(verdict.place[0])
        return Signal(
            expression=(f"sum(rate(dependency_responses_unexpected_total{{dependency={name}}}[5m])) > 0"),
            lasting="2m",
            needs=(
                "dependency_responses_unexpected_total is counted where the application reads an answer that"
                " is not of the form it knows, instead of failing further on."
            ),
        )
    return Signal(
        expression=_failing(failure),
        lasting="2m",
        needs="http_requests_total is a counter with the labels method, path and status.",
    )


def _is_late(failure: Failure) -> bool:
    return not failure.status


def _labels(failure: Failure, *more: str) -> str:
    own = []
    if failure.path:
        pattern = "[^/]+".join(re.escape(piece) for piece in template(failure.path).split("{}"))
        own = [f"method={_quoted(failure.method)}", f"path=~{_quoted(pattern)}"]
    labels = ",".join((*own, *more))
    return f"{{{labels}}}" if labels else ""


def smoke_test(search: Search, failure: Failure, url: str) -> str:
    """Return a `[[smoke]]` table for andon.toml that asks the failing request in production; "" for none.

    Only GET and HEAD are asked of production over and over. `url` is where production is.
    """
    if not failure.can_be_sent or failure.method.upper() not in ("GET", "HEAD"):
        return ""
    ask = wanted(failure)
    lines = [
        f"# Written by Andon, search {search.id}: {one_line(search.verdict.summary)}",
        "[[smoke]]",
        f"name = {json.dumps(f'gap-{search.id.lower()}')}",
        f"url = {json.dumps(url.rstrip('/') + failure.path)}",
        f"covers = {json.dumps(one_line(f'{failure.method} {failure.endpoint}', 80))}",
    ]
    if failure.method.upper() != "GET":
        lines.append(f"method = {json.dumps(failure.method.upper())}")
    if ask.holding:
        lines.append(f"text = {json.dumps(ask.holding)}")
    if ask.within:
        lines.append(f"max_latency = {ask.within * 1000:g}")
    return "\n".join((*lines, ""))


def known_error(search: Search, signature: str, grouping: int) -> str:
    """Return a `[[known_error]]` table for andon.toml: the logs are read for it after every change.

    `grouping` is the number of the way of grouping that named the signature.
    """
    lines = (
        f"# Written by Andon, search {search.id}: {one_line(search.verdict.summary)}",
        "[[known_error]]",
        f"signature = {json.dumps(one_line(signature, 300))}",
        f"grouping = {grouping}",
    )
    return "\n".join((*lines, ""))


def _yaml(text: str) -> str:
    """Return a text as a YAML scalar: JSON's strings are YAML's double-quoted ones."""
    return json.dumps(text, ensure_ascii=False)


def _plain(text: str) -> str:
    """Return a text for a label or an annotation as a YAML scalar: what would begin a template is none."""
    return _yaml(text.replace("{{", '{{"{{"}}'))


def _quoted(text: str) -> str:
    """Return a text as a string of PromQL, which is written like Go's: no halves of a surrogate pair."""
    return json.dumps(text.encode("utf-8", "replace").decode(), ensure_ascii=False)
