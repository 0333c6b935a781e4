"""The experiments of a search as a table, what was seen to differ, what could not be tried. Pure."""

from __future__ import annotations

from andon.gaps.report.markup import Markup, element, joined, listed, seconds, text
from andon.gaps.words import Showed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.gaps.experiment import Difference, Held, Observed, Replay
    from andon.gaps.verdict import Search

#: Experiments and differences that are shown.
_SHOWN = 200
_PURPOSES = {
    "control": "control: the tests' world, unchanged",
    "production": "all as in production",
    "flip": "one kind as in production",
    "restore": "production without it",
    "added": "production with it",
    "pair": "two kinds as in production",
    "narrow": "narrowing",
}
_SORTS = {Showed.REPRODUCED: "bad", Showed.PASSED: "good", Showed.OTHER: "odd", Showed.NOT_APPLIED: "odd"}
_HEADS = ("For", "As in production", "Showed", "Did the change take hold?", "Remarks")
_DIFFERENCE_HEADS = ("Weight", "Where", "In test", "In production", "Why it counts")


def experiments(search: Search) -> Markup:
    """Return the table of replays."""
    if not search.replays:
        return joined(
            (element("h2", "Experiments"), element("p", "None was made: the answer rests on what was read."))
        )
    rows = [_row(purpose, replay) for purpose, replay in search.replays[:_SHOWN]]
    more = len(search.replays) - len(rows)
    return joined(
        (
            element("h2", "Experiments"),
            element(
                "p",
                "Each builds the tests' world anew, with some things as they are in production, and goes the "
                "failing way. A pass proves something only where the change really took hold.",
                class_="soft",
            ),
            _table(_HEADS, rows),
            element("p", f"and {more} more", class_="soft small") if more > 0 else None,
        )
    )


def _table(heads: tuple[str, ...], rows: list[Markup]) -> Markup:
    head = element("thead", element("tr", *(element("th", one, scope="col") for one in heads)))
    return element("table", head, element("tbody", *rows))


def _cell(label: str, *inner: Markup | str | None) -> Markup:
    return element("td", *inner, data_label=label)


def _row(purpose: str, replay: Replay) -> Markup:
    parts = [part.name for part in replay.parts]
    names = ", ".join(parts[:6]) + (f" and {len(parts) - 6} more" if len(parts) > 6 else "")
    showed = element("span", str(replay.showed), class_=f"badge {_SORTS.get(replay.showed, '')}".strip())
    return element(
        "tr",
        _cell(_HEADS[0], _PURPOSES.get(purpose, purpose)),
        _cell(_HEADS[1], element("code", text(names, 400)) if names else "nothing"),
        _cell(_HEADS[2], showed, _times(replay), element("div", _took(replay), class_="soft small")),
        _cell(_HEADS[3], *(_held(one) for one in replay.held)),
        _cell(_HEADS[4], *_remarks(replay)),
    )


def _times(replay: Replay) -> str:
    if replay.runs <= 1:
        return ""
    if replay.showed is Showed.PASSED and not replay.reproduced:
        return f" {replay.runs} times"
    return f" {replay.reproduced} of {replay.runs} times"


def _took(replay: Replay) -> str:
    return seconds(replay.seconds) if replay.seconds else ""


def _held(held: Held) -> Markup:
    sort, word = {True: ("good", "yes"), False: ("odd", "no"), None: ("", "not known")}[held.holds]
    return element(
        "div",
        element("span", f"{held.kind}: {word}", class_=f"badge {sort}".strip()),
        element("span", f" {held.told}", class_="small soft") if held.told else None,
    )


def _remarks(replay: Replay) -> list[Markup]:
    remarks = [element("div", text(replay.told, 500), class_="small")] if replay.told else []
    if seen := replay.seen:
        what = seen.test or f"{seen.method} {seen.path} {seen.status or ''}".strip()
        remarks.append(element("div", element("code", text(what, 200)), class_="small"))
        if seen.text:
            remarks.append(element("div", text(_first_line(seen.text), 300), class_="small soft"))
    return remarks


def _first_line(said: str) -> str:
    return next((line.strip() for line in said.splitlines() if line.strip()), "")


def differences(search: Search) -> Markup:
    """Return what differs and has to do with the failure."""
    if not (search.differences or search.others):
        return Markup()
    rows = [_difference(one) for one in search.differences[:_SHOWN]]
    others = f"{search.others} others have nothing to do with the failure." if search.others else ""
    return joined(
        (
            element("h2", "What differs"),
            _table(_DIFFERENCE_HEADS, rows) if rows else None,
            element("p", others, class_="soft small") if others else None,
        )
    )


def _difference(one: Difference) -> Markup:
    heads = _DIFFERENCE_HEADS
    weight = max(min(one.weight, 5), 0)
    marks = element(
        "span", "●" * weight, element("i", "●" * (5 - weight)), class_="weight", title=f"{weight} of 5"
    )
    return element(
        "tr",
        _cell(heads[0], marks),
        _cell(
            heads[1],
            element("span", f"{one.kind} ", class_="soft"),
            element("code", text(" ".join(one.place), 200)),
        ),
        _cell(heads[2], text(one.test, 300)),
        _cell(heads[3], text(one.production, 300)),
        _cell(
            heads[4],
            text(one.summary, 400),
            element("div", "; ".join(one.reasons), class_="small soft") if one.reasons else None,
            element("div", element("code", text(one.command, 300)), class_="small") if one.command else None,
        ),
    )


def looked_at(observed: tuple[Observed, ...], not_tried: tuple[str, ...]) -> Markup:
    """Return what was looked at in both worlds, and what could not be tried."""
    looked = [
        joined((element("b", f"{one.kind}: "), one.looked or "nothing could be looked at"))
        for one in observed
    ]
    could_not = [*not_tried, *(p for one in observed for p in one.problems if p not in not_tried)]
    parts: list[Markup] = []
    if looked:
        parts += [element("h2", "What was looked at"), listed(looked)]
    if could_not:
        parts += [element("h2", "What could not be tried"), listed(dict.fromkeys(could_not))]
    return joined(parts)
