"""The pytest plugin `andon_flags`: a test in every state of a flag, and a report of the states that ran.

`@pytest.mark.flag_states("key")` runs a test with the flag on and off; nothing is asked over a network. A run
that uses neither the marker nor the report loads none of the rest of Andon (docs/reference/flag-testing.md).
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence

MARKER = "flag_states"
#: Combinations of states in which one test runs at most; more are a test of everything and of nothing.
MOST = 16
_FIXTURE = "_andon_flag_states"
_RECORDING = "andon_flags_recording"
_HELP = (
    "flag_states(*keys, states=None): run the test in every state of these feature flags: on and off, or "
    "`states` of the one flag that is named; several flags in every combination"
)
_forced = pytest.StashKey["dict[str, Any]"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare `--flag-report` and its setting."""
    told = "write which states of which feature flags the tests ran with to this file (JSON)"
    group = parser.getgroup("andon", "feature flags")
    group.addoption("--flag-report", metavar="FILE", default=None, help=told)
    parser.addini("flag_report", told + "; default: [flags] report in andon.toml", default="")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and see whether anybody wants the report."""
    config.addinivalue_line("markers", _HELP)
    from andon.flags.pytest_wanted import wanted

    path = config.getoption("--flag-report", None) or config.getini("flag_report")
    is_worker = hasattr(config, "workerinput")
    target = wanted(str(path or ""), str(config.rootpath), str(config.invocation_params.dir))
    if target:
        from andon.flags.pytest_recording import Recording

        config.pluginmanager.register(
            Recording(target, str(config.rootpath), is_worker=is_worker), _RECORDING
        )


# ---- one test in several states


def pytest_pycollect_makeitem(collector: pytest.Module | pytest.Class, name: str, obj: object) -> None:
    """Have a marked test use the fixture that sets the states; pytest then orders it by its scope."""
    if isinstance(obj, type) or not collector.istestfunction(obj, name):
        return
    marks = getattr(obj, "pytestmark", ())
    if any(mark.name == MARKER for mark in marks) or collector.get_closest_marker(MARKER) is not None:
        _use_fixture(obj)


def _use_fixture(function: Any) -> None:
    marks = getattr(function, "pytestmark", ())
    if not any(mark.name == "usefixtures" and _FIXTURE in mark.args for mark in marks):
        pytest.mark.usefixtures(_FIXTURE)(function)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of each combination of states."""
    marks = list(metafunc.definition.iter_markers(MARKER))
    if marks and _FIXTURE in metafunc.fixturenames:
        states = _combinations(marks, metafunc.definition.nodeid)
        metafunc.parametrize(_FIXTURE, states, ids=[_id(state) for state in states], indirect=True)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Make a test of each combination for a method of unittest.TestCase, which takes no parameters."""
    if not any(_is_unittest(item) and item.get_closest_marker(MARKER) for item in items):
        return
    made: list[pytest.Item] = []
    for item in items:
        marks = list(item.iter_markers(MARKER)) if _is_unittest(item) else []
        made.extend(_copies(item, _combinations(marks, item.nodeid)) if marks else [item])
    items[:] = made


def _is_unittest(item: pytest.Item) -> bool:
    return getattr(item, "nofuncargs", False) is True


def _copies(item: pytest.Item, states: Sequence[Mapping[str, Any]]) -> Iterator[pytest.Item]:
    path, line, place = item.location
    for state in states:
        copy: Any = type(item).from_parent(item.parent, name=item.name)  # type: ignore[arg-type]  # has one
        # unittest finds the method by the item's name, so only what pytest shows and selects by is changed.
        shown = f"{item.nodeid}[{_id(state)}]"
        if hasattr(copy, "_id"):  # since pytest 9.2
            copy._id = type(copy._id).parse(shown)
        else:
            copy._nodeid = shown
        copy.location = (path, line, f"{place}[{_id(state)}]")
        copy.extra_keyword_matches.add(_id(state))
        copy.stash[_forced] = dict(state)
        yield copy


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Set the states around a unittest method with its setUp and tearDown."""
    state = item.stash.get(_forced, None)
    if state is None:
        return (yield)
    from andon.flags.testing import override

    with override(state):
        return (yield)


@pytest.fixture(name=_FIXTURE)
def _states(request: pytest.FixtureRequest) -> Iterator[None]:
    """Set the states around the test and its fixtures of function scope."""
    from andon.flags.testing import override

    with override(getattr(request, "param", {})):
        yield


@pytest.fixture
def flag_override() -> Iterator[Callable[..., None]]:
    """Return a function that puts flags into a state until the test ends: `flag_override(key=value)`."""
    from contextlib import ExitStack

    from andon.flags.testing import override

    with ExitStack() as stack:

        def put(flags: Mapping[str, Any] | None = None, /, **more: Any) -> None:
            stack.enter_context(override(flags, **more))

        yield put


def _combinations(marks: Sequence[pytest.Mark], where: str) -> list[dict[str, Any]]:
    """Return every combination of the states that the marks name; raises UsageError for a wrong marker."""
    states: dict[str, tuple[Any, ...]] = {}
    for mark in marks:
        keys, named = mark.args, mark.kwargs.get("states")
        wrong = ""
        if not keys or not all(isinstance(key, str) and key for key in keys):
            wrong = "names no flag"
        elif set(mark.kwargs) - {"states"}:
            wrong = "takes flags, and states= of one flag"
        elif named is not None and (len(keys) != 1 or isinstance(named, str) or not list(named)):
            wrong = "takes states= as a list, of one flag"
        if wrong:
            raise pytest.UsageError(f"{where}: @pytest.mark.{MARKER} {wrong}")
        for key in keys:
            states.setdefault(key, (True, False) if named is None else tuple(named))
    many = 1
    for found in states.values():
        many *= len(found)
    if many > MOST:
        raise pytest.UsageError(
            f"{where}: {many} combinations of {', '.join(states)}, more than {MOST}: "
            f"test fewer flags together, or name the states that matter with flag_override"
        )
    return [dict(zip(states, chosen, strict=True)) for chosen in product(*states.values())]


def _id(state: Mapping[str, Any]) -> str:
    return ",".join(f"{key}={_word(value)}" for key, value in state.items())


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value) if isinstance(value, (str, int, float)) else type(value).__name__
