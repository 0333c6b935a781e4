"""The shape of JSON that production answers and tests never saw: types, missing fields, forms, sizes. Pure.

Types and required fields are judged by a schema learned from the tests' answers (genson, jsonschema); what
these say of a value is never told, for it holds the value.
"""

from __future__ import annotations

from genson import SchemaBuilder  # type: ignore[import-untyped]
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from andon.gaps.dependency.fields import step
from andon.gaps.dependency.forms import Values, fields_of, type_of
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

#: Violations of one answer that are looked at.
_MOST_VIOLATIONS = 500
#: A list this long in the tests, shorter in production, with a sign of paging, is a smaller page.
_PAGE = 5
_PAGES = (5, 10, 20, 25, 50, 100)
#: Facts that a few values are without by chance, and how many are not a few.
_CHANCE, _SAMPLE = ("zero", "a negative number", "a text beyond ASCII", "a text with blanks around it"), 3
_PAGING = frozenset(
    ("next", "next_page", "nextpage", "has_more", "hasmore", "next_cursor", "cursor", "per_page")
)


class Finding(Record):
    """One thing that the tests never saw of an endpoint."""

    place: str
    test: str
    production: str
    #: True for the sort that breaks programs: missing, of another type, empty, of a form never seen.
    breaks: bool
    #: `type:object`, `missing`, `status:429`, ...: by which the failure's text may tell it.
    sort: str


def shapes(beliefs: list[Any], answers: list[Any], *, is_paged: bool) -> Iterator[Finding]:
    """Yield what answers hold and no belief does; `is_paged`: a header speaks of a next page."""
    yield from _violations(beliefs, answers)
    yield from _forms(beliefs, answers, is_paged)


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
            if error.validator == "type" and (error.validator_value, type_of(error.instance)) != (
                "integer",
                "number",
            ):
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
        breaks=True,
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
    if was.longest >= _PAGE and 0 < now.longest < was.longest and (is_paged or now.longest in _PAGES):
        yield Finding(
            place=f"{field}.length",
            test=f"up to {was.longest} elements",
            production=f"at most {now.longest}",
            breaks=True,
            sort="paging",
        )
    for fact in sorted(now.facts - was.facts):
        seldom = fact == "a number with a fraction" or (fact in _CHANCE and was.count < _SAMPLE)
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
