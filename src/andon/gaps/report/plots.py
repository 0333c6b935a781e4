"""Measured curves as plots: SVG, with the points of each kind of line to be told without colour. Pure."""

from __future__ import annotations

import math

from andon.gaps.report.markup import Markup, element, figure, joined, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from andon.gaps.experiment import Curve

#: Size of a plot, and of its margins: left, right, top, bottom.
WIDTH, HEIGHT = 460.0, 250.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 54.0, 26.0, 14.0, 38.0
#: From this ratio of the greatest to the least value on, x is drawn in doublings.
_DOUBLINGS = 20.0
#: Lines of one plot, and points of a line.
_LINES, _POINTS = 4, 500
_DASHES = (None, "6 3", "2 3", "8 3 2 3")


def plots(curves: Sequence[Curve], threshold: float | None = None, unit: str = "") -> Markup:
    """Return a plot for each pair of units; with the threshold marked where x is in its unit."""
    together: dict[tuple[str, str], list[Curve]] = {}
    for curve in curves:
        if usable(curve):
            together.setdefault((curve.x, curve.y), []).append(curve)
    drawn = [
        _plot(found[:_LINES], threshold if unit and x.lower().startswith(unit.lower()) else None)
        for (x, _), found in together.items()
    ]
    return element("div", *drawn, class_="plots") if drawn else Markup()


def usable(curve: Curve) -> bool:
    """True when there is something to draw."""
    return len([p for p in curve.points if _is_finite(p)]) >= 2


def _is_finite(point: tuple[float, float]) -> bool:
    return all(math.isfinite(v) and abs(v) < 1e12 for v in point)


def _plot(curves: Sequence[Curve], threshold: float | None) -> Markup:
    points = [sorted(filter(_is_finite, curve.points))[:_POINTS] for curve in curves]
    xs = sorted({x for line in points for x, _ in line})
    across, is_doubling = _across(xs)
    top = _ceiling(max(y for line in points for _, y in line))

    def down(y: float) -> float:
        return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * max(min(y / top, 1.0), 0.0)

    parts = [*_grid(top, down), *_ticks(xs, across, is_doubling), *_units(curves[0])]
    if threshold is not None and xs[0] <= threshold <= xs[-1]:
        parts += _mark(across(threshold), threshold)
    for number, line in enumerate(points):
        path = " ".join(f"{across(x):.1f},{down(y):.1f}" for x, y in line)
        parts.append(
            element(
                "polyline",
                points=path,
                class_=f"s{number}",
                stroke_width=2,
                stroke_linejoin="round",
                stroke_dasharray=_DASHES[number],
            )
        )
        parts += [element("circle", cx=across(x), cy=down(y), r=2.6, class_=f"d{number}") for x, y in line]
    names = ", ".join(curve.name for curve in curves)
    drawing = element(
        "svg",
        element("title", f"{names}: {curves[0].y} against {curves[0].x}"),
        *parts,
        viewBox=f"0 0 {WIDTH:.0f} {HEIGHT:.0f}",
        role="img",
    )
    return element("figure", drawing, element("figcaption", *_legend(curves)))


def _across(xs: Sequence[float]) -> tuple[Callable[[float], float], bool]:
    """Return where a value of x is drawn; evenly, or in doublings when the values spread far."""
    is_doubling = xs[0] > 0 and xs[-1] / xs[0] >= _DOUBLINGS
    scale: Callable[[float], float] = math.log2 if is_doubling else float
    least, span = scale(xs[0]), (scale(xs[-1]) - scale(xs[0])) or 1.0
    return lambda x: _LEFT + (WIDTH - _LEFT - _RIGHT) * (scale(x) - least) / span, is_doubling


def _ceiling(most: float) -> float:
    """Return the next round number."""
    if most <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(most))
    return next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= most * 0.999)


def _grid(top: float, down: Callable[[float], float]) -> list[Markup]:
    parts = []
    for step in range(5):
        y = top * step / 4
        parts.append(element("line", x1=_LEFT, x2=WIDTH - _RIGHT, y1=down(y), y2=down(y), class_="grid"))
        parts.append(element("text", figure(y), x=_LEFT - 6, y=down(y) + 4, text_anchor="end"))
    return parts


def _ticks(xs: Sequence[float], across: Callable[[float], float], is_doubling: bool) -> list[Markup]:
    """Return the numbers below; as many measured values as there is room for, without one on another."""
    wanted = xs if is_doubling or len(xs) <= 8 else [xs[0] + (xs[-1] - xs[0]) * n / 5 for n in range(6)]
    parts, free = [], -math.inf
    for x in wanted:
        at, half = across(x), 3.4 * len(figure(x)) + 4
        if at - half < free and x != wanted[0]:
            continue
        free = at + half
        parts.append(element("text", figure(x), x=at, y=HEIGHT - _BOTTOM + 16, text_anchor="middle"))
    return parts


def _units(curve: Curve) -> list[Markup]:
    middle = _LEFT + (WIDTH - _LEFT - _RIGHT) / 2
    return [element("text", text(curve.x, 40), x=middle, y=HEIGHT - 4, text_anchor="middle", class_="ink")]


def _mark(at: float, threshold: float) -> list[Markup]:
    anchor = "end" if at > WIDTH * 0.7 else "start"
    return [
        element("line", x1=at, x2=at, y1=_TOP, y2=HEIGHT - _BOTTOM, class_="mark"),
        element(
            "text",
            f"fails from {figure(threshold)}",
            x=at - 5 if anchor == "end" else at + 5,
            y=_TOP + 10,
            text_anchor=anchor,
            class_="said",
        ),
    ]


def _legend(curves: Sequence[Curve]) -> list[Markup]:
    parts: list[Markup | str] = []
    for number, curve in enumerate(curves):
        stroke = element(
            "line",
            x1=0,
            x2=26,
            y1=5,
            y2=5,
            class_=f"s{number}",
            stroke_width=2,
            stroke_dasharray=_DASHES[number],
        )
        sample = element(
            "svg", stroke, viewBox="0 0 26 10", width=26, height=10, class_="sample", aria_hidden="true"
        )
        parts += [
            " " if number else "",
            sample if len(curves) > 1 else "",
            " ",
            element("b", text(curve.name, 80)),
        ]
    return [joined((*parts, f" ({curves[0].y}, by {curves[0].x})"))]
