"""What production's answers of one endpoint hold that the tests never saw, before it is weighed. Pure.

Types and required fields are judged by a schema learned from the tests' answers (genson, jsonschema).
"""

from __future__ import annotations

from genson import SchemaBuilder  # type: ignore[import-untyped]
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from andon.gaps.dependency.answers import Answer, json_of
from andon.gaps.dependency.fields import step
from andon.gaps.dependency.forms import Values, fields_of, type_of
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

#: Answers of an endpoint that are compared with the schema, and violations of one that are looked at.
_MOST_ANSWERS, _MOST_VIOLATIONS = 200, 500
#: A list this long in the tests, shorter in production, with a sign of paging, is a smaller page.
_PAGE = 5
_PAGING = frozenset(
    ("next", "next_page", "nextpage", "has_more", "hasmore", "next_cursor", "cursor", "per_page")
)
_VERSIONS = (
    "api-version",
    "x-api-version",
    "stripe-version",
    "x-version",
    "deprecation",
    "sunset",
    "warning",
)
_LIMITS = ("x-ratelimit-limit", "ratelimit-limit", "x-rate-limit-limit", "ratelimit-policy")


class Finding(Record):
    """One thing that the tests never saw of an endpoint."""

    place: str
    test: str
    production: str
    #: True for the sort that breaks programs: missing, of another type, empty, of a form never seen.
    breaks: bool
    #: `type:object`, `missing`, `status:429`, ...: by which the failure's text may tell it.
    sort: str


def findings(test: Sequence[Answer], production: Sequence[Answer]) -> tuple[Finding, ...]:
    """Return what production's answers hold that the tests' do not, each place and sort once."""
    found: dict[tuple[str, str], Finding] = {}
    for one in _all(test[:_MOST_ANSWERS], production[:_MOST_ANSWERS]):
        found.setdefault((one.place, one.sort), one)
    return tuple(found.values())


def _all(test: Sequence[Answer], production: Sequence[Answer]) -> Iterator[Finding]:
    if not test or not production:
        return
    yield from _statuses(test, production)
    usual = {a.status for a in test if not a.problem}
    alike = [a for a in production if not a.problem and a.status in usual]
    mine = [a for a in test if not a.problem]
    yield from _contents(mine, alike)
    yield from _headers(mine, alike)
    beliefs, answers = _values(mine), _values(alike)
    if beliefs and answers:
        yield from _violations(beliefs, answers)
        yield from _forms(beliefs, answers, any('rel="next"' in a.header("link") for a in alike))


def _statuses(test: Sequence[Answer], production: Sequence[Answer]) -> Iterator[Finding]:
    known = {_status(a) for a in test}
    for answer in production:
        status = _status(answer)
        if status not in known:
            yield Finding(
                place="status" if not answer.problem else "answer",
                test=", ".join(sorted(known)),
                production=status,
                breaks=bool(answer.problem) or answer.status >= 300 or answer.status == 204,
                sort=f"status:{status}",
            )


def _status(answer: Answer) -> str:
    return f"no answer ({answer.problem})" if answer.problem else str(answer.status)


def _contents(test: Sequence[Answer], production: Sequence[Answer]) -> Iterator[Finding]:
    types = {a.media_type for a in test}
    charsets = {a.charset for a in test}
    was_json = bool(test) and all(_json(a)[0] for a in test)
    for answer in production:
        is_json = _json(answer)[0]
        if answer.media_type not in types:
            yield Finding(
                place="header content-type",
                test=", ".join(sorted(filter(None, types))) or "none",
                production=answer.media_type or "none",
                breaks=was_json and not is_json,
                sort="no JSON" if was_json and not is_json else "type of content",
            )
        if was_json and not is_json:
            told = "no content" if not answer.body else "HTML" if _is_html(answer) else "no JSON"
            yield Finding(place="body", test="JSON", production=told, breaks=True, sort="no JSON")
        if answer.media_type in types and answer.charset not in charsets:
            yield Finding(
                place="header content-type",
                test=", ".join(sorted(charsets)),
                production=answer.charset,
                breaks=True,
                sort="encoding",
            )


def _is_html(answer: Answer) -> bool:
    return "html" in answer.media_type or answer.body.lstrip()[:15].lower().startswith(
        (b"<!doctype", b"<html")
    )


def _headers(test: Sequence[Answer], production: Sequence[Answer]) -> Iterator[Finding]:
    for name in (*_VERSIONS, *_LIMITS):
        mine, theirs = {a.header(name) for a in test}, {a.header(name) for a in production}
        if theirs - mine - {""}:
            yield Finding(
                place=f"header {name}",
                test="another value" if mine - {""} else "not there",
                production="there",
                breaks=False,
                sort="version" if name in _VERSIONS else "limit",
            )
    for name, sort in (("link", "paging"), ("access-control-allow-origin", "cross-origin")):
        was, now = all(a.header(name) for a in test), any(a.header(name) for a in production)
        if name == "link" and now and not any(a.header(name) for a in test):
            yield Finding(place="header link", test="not there", production="there", breaks=False, sort=sort)
        if name != "link" and test and production and was and not now:
            yield Finding(
                place=f"header {name}", test="there", production="not there", breaks=True, sort=sort
            )


def _violations(beliefs: list[Any], answers: list[Any]) -> Iterator[Finding]:
    builder = SchemaBuilder()
    for value in beliefs:
        builder.add_object(value)
    validator = Draft202012Validator(builder.to_schema())
    for value in answers:
        for count, error in enumerate(validator.iter_errors(value)):
            if count > _MOST_VIOLATIONS:
                break
            field = "$" + "".join("[*]" if isinstance(s, int) else step(s) for s in error.absolute_path)
            if error.validator == "type":
                yield _of_another_type(field, error.validator_value, error.instance)
            elif error.validator == "required" and isinstance(error.instance, dict):
                for key in error.validator_value:
                    if key not in error.instance:
                        yield Finding(
                            place=field + step(key),
                            test="always there",
                            production="not there",
                            breaks=True,
                            sort="missing",
                        )
            elif error.validator == "anyOf":
                yield _of_another_type(field, "one of several", error.instance)


def _of_another_type(field: str, wanted: Any, instance: Any) -> Finding:
    known = ", ".join(wanted) if isinstance(wanted, list) else str(wanted)
    now = type_of(instance)
    return Finding(
        place=field,
        test=known,
        production=now,
        breaks=known != "integer" or now != "number",
        sort=f"type:{now}",
    )


def _forms(beliefs: list[Any], answers: list[Any], is_paged: bool) -> Iterator[Finding]:
    mine, theirs = fields_of(beliefs), fields_of(answers)
    for field, now in theirs.items():
        was = mine.get(field)
        if was is None:
            holder = field.rpartition(".")[0] if not field.endswith("[*]") else ""
            if holder in mine and mine[holder].types == {"object"}:
                yield Finding(place=field, test="not there", production="there", breaks=False, sort="new")
            continue
        yield from _field(field, was, now, is_paged or _has_paging(theirs))


def _field(field: str, was: Values, now: Values, is_paged: bool) -> Iterator[Finding]:
    if was.longest >= _PAGE and 0 < now.longest < was.longest:
        yield Finding(
            place=f"{field}.length",
            test=f"up to {was.longest} elements",
            production=f"at most {now.longest}",
            breaks=is_paged or now.longest in (5, 10, 20, 25, 50, 100),
            sort="paging",
        )
    for fact in sorted(now.facts - was.facts):
        seldom = fact == "a number with a fraction"
        yield Finding(place=field, test="never", production=fact, breaks=not seldom, sort=fact)
    if (
        was.forms
        and now.forms - was.forms
        and not was.forms & {"text"}
        and ("a word" not in was.forms or now.forms - was.forms != {"text"})
    ):
        forms = ", ".join(sorted(was.forms))
        yield Finding(
            place=field,
            test=forms,
            production=", ".join(sorted(now.forms - was.forms)),
            breaks=True,
            sort="form",
        )
    elif was.is_choice and now.words - was.words:
        yield Finding(
            place=field,
            test=f"one of {len(was.words)} words",
            production="another word",
            breaks=True,
            sort="new word",
        )


def _has_paging(fields: dict[str, Values]) -> bool:
    return any(field.rpartition(".")[2].lower() in _PAGING for field in fields)


def _values(answers: Sequence[Answer]) -> list[Any]:
    return [value for is_json, value in map(_json, answers) if is_json]


def _json(answer: Answer) -> tuple[bool, Any]:
    return json_of(answer.body, answer.charset)
