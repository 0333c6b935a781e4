"""Starting the team's application in a world: real processes, all of them gone afterwards."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from andon.gaps.experiment import Setting
from andon.production.gap import app as app_module
from andon.production.gap import processes
from andon.production.gap.app import MARK, DidNotStart, running
from andon.production.gap.health import Answered, ask
from andon.production.gap.processes import members
from tests.integration.gap.started import world, write_shop

#: No process has this id.
NOBODY = 1 << 30
pytestmark = pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs /proc")


@pytest.fixture
def setting(tmp_path: Path) -> Setting:
    (tmp_path / "home").mkdir()
    return Setting(str(tmp_path / "home"), {"STORE": "corner"})


def _get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return str(answer.read().decode())


def _until(is_so: object, seconds: float = 60.0) -> bool:
    deadline = time.monotonic() + seconds
    while not is_so():  # type: ignore[operator]
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def _is_gone(pid: int) -> bool:
    try:
        return b") Z " in Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return True


def test_it_has_its_own_variables_and_nothing_of_ours(
    tmp_path: Path, setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OF_OURS", "x")
    write_shop(tmp_path)
    with running(world(), setting, str(tmp_path)) as app:
        assert _get(app.url + "/") == "corner"
        has = dict(app.environment())
        assert app.is_alive()
        pid = app.pid
    assert has["STORE"] == "corner"
    assert has["PORT"] == str(app.port)
    assert "OF_OURS" not in has
    assert MARK not in has
    assert set(has) <= {*app_module.NEEDED, "STORE", "PORT", "PYTHONUNBUFFERED"}
    assert _is_gone(pid)


def test_what_it_must_not_get_it_does_not_get_from_us_either(tmp_path: Path, setting: Setting) -> None:
    write_shop(tmp_path)
    setting.absent |= {"HOME", "STORE"}
    with running(world(), setting, str(tmp_path)) as app:
        assert not {"HOME", "STORE"} & set(dict(app.environment()))


def test_the_port_can_be_in_the_command(tmp_path: Path, setting: Setting) -> None:
    write_shop(tmp_path, before="os.environ['OWN'] = sys.argv[1]", variable="OWN")
    with running(world(start=(sys.executable, "shop.py", "{port}")), setting, str(tmp_path)) as app:
        assert _get(app.url + "/") == "corner"


def test_what_it_said_since_a_moment_is_told_without_its_secrets(tmp_path: Path, setting: Setting) -> None:
    setting.variables |= {"API_TOKEN": "geheimnis-4711", "MOTTO": "hello"}
    write_shop(tmp_path, answer="print(os.environ['API_TOKEN'], os.environ['MOTTO'], flush=True)")
    with running(world(), setting, str(tmp_path)) as app:
        mark = app.log_mark()
        assert app.log_since(mark) == ""
        _get(app.url + "/")
        assert app.log_since(mark) == "[hidden] hello\n"


def test_one_that_ends_at_once_is_noticed_at_once(tmp_path: Path, setting: Setting) -> None:
    setting.variables["API_TOKEN"] = "geheimnis-4711"
    write_shop(tmp_path, before="print('no', os.environ['API_TOKEN']); os.environ['MISSING']")
    began = time.monotonic()
    with pytest.raises(DidNotStart) as caught, running(world(), setting, str(tmp_path)):
        pass
    assert time.monotonic() - began < 30
    assert "exit code 1" in str(caught.value)
    assert "KeyError: 'MISSING'" in caught.value.log
    assert caught.value.has_exited
    assert "geheimnis-4711" not in str(caught.value) + caught.value.log


ELSEWHERE = (
    "import socket; own = socket.create_server(('127.0.0.1', 0)); print('hi', flush=True); time.sleep(60)"
)


def test_one_that_ignores_the_variable_is_told_where_it_listens(
    tmp_path: Path, setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask_once_it_listens(port: int, path: str) -> Answered | None:
        assert _until(lambda: (tmp_path / "home" / "app.log").read_text() == "hi\n")
        return ask(port, path)

    monkeypatch.setattr(app_module, "ask", ask_once_it_listens)
    write_shop(tmp_path, before=ELSEWHERE)
    with (
        pytest.raises(DidNotStart, match=r"listens on port \d+ and not on \d+") as caught,
        running(world(), setting, str(tmp_path), patience=0.1),
    ):
        pass
    assert "{port}" in caught.value.remedy
    assert caught.value.log == "hi\n"


def test_one_that_never_listens_is_told_with_what_was_tried(tmp_path: Path, setting: Setting) -> None:
    write_shop(tmp_path, before="time.sleep(60)")
    with (
        pytest.raises(DidNotStart, match=r"nothing answered at 127\.0\.0\.1:\d+/health for 0\.3 s"),
        running(world(), setting, str(tmp_path), patience=0.3),
    ):
        pass


@pytest.mark.parametrize(
    ("start", "why"),
    [
        (("no-such-program-here",), "No such file"),
        ((), "nothing says how"),
        (("./shop.py",), "cannot be started"),
    ],
)
def test_a_command_that_cannot_be_started(
    tmp_path: Path, setting: Setting, start: tuple[str, ...], why: str
) -> None:
    write_shop(tmp_path)
    with pytest.raises(DidNotStart, match=why), running(world(start=start), setting, str(tmp_path)):
        pass


def test_a_variable_that_no_process_can_have_is_no_crash(tmp_path: Path, setting: Setting) -> None:
    write_shop(tmp_path)
    setting.variables["STORE"] = "geheim\0nis"
    with pytest.raises(DidNotStart) as caught, running(world(), setting, str(tmp_path)):
        pass
    assert "geheim" not in str(caught.value)


def test_a_health_path_that_answers_an_error_counts_as_up_with_a_remark(
    tmp_path: Path, setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app_module, "_UNWELL", 0.1)
    write_shop(tmp_path, answer="1 / 0")
    with running(world(health="/broken"), setting, str(tmp_path)) as app:
        assert app.url
    assert setting.remarks == ["its health path /broken answers 500"]


def test_a_port_that_somebody_took_meanwhile_is_given_up(
    tmp_path: Path, setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("andon.production.gap.health._BRIEF", 0.2)
    write_shop(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken, socket.socket() as free:
        free.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # kept for the shop, which may listen on it
        free.bind(("127.0.0.1", 0))
        ports = iter([taken.getsockname()[1], free.getsockname()[1]])
        monkeypatch.setattr(app_module, "free_port", lambda: next(ports))
        with running(world(), setting, str(tmp_path)) as app:
            assert _get(app.url + "/") == "corner"


CHILD = "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], start_new_session={session})"


@pytest.mark.parametrize("session", [False, True])
def test_what_it_started_is_stopped_too_even_in_a_session_of_its_own(
    tmp_path: Path, setting: Setting, session: bool
) -> None:
    write_shop(tmp_path, answer=CHILD.format(session=session) + ".pid")
    with running(world(), setting, str(tmp_path)) as app:
        child = int(_get(app.url + "/"))
        assert not _is_gone(child)
    assert _until(lambda: _is_gone(child))


def test_one_that_was_killed_leaves_nothing(tmp_path: Path, setting: Setting) -> None:
    write_shop(tmp_path, answer=CHILD.format(session=True) + ".pid")
    with running(world(), setting, str(tmp_path)) as app:
        child = int(_get(app.url + "/"))
        os.kill(app.pid, signal.SIGKILL)
        assert _until(lambda: not app.is_alive())
    assert _until(lambda: _is_gone(child))


@pytest.mark.parametrize(
    ("ends", "told"),
    [
        ("sys.stderr.write('first\\nlast geheimnis-4711\\n') and os._exit(3)", "ended with exit code 3"),
        ("sys.stderr.write('last geheimnis-4711\\n') and os.kill(os.getpid(), 9)", "was killed by signal 9"),
    ],
)
def test_one_that_ends_on_a_request_tells_how_and_what_it_said_last(
    tmp_path: Path, setting: Setting, ends: str, told: str
) -> None:
    setting.variables["API_TOKEN"] = "geheimnis-4711"
    write_shop(tmp_path, answer=ends)
    with running(world(), setting, str(tmp_path)) as app:
        assert app.ended() == ""
        with pytest.raises((OSError, http.client.HTTPException)):
            _get(app.url + "/")
        assert app.ended() == f"the application {told} during the run; it said last: last [hidden]"
        assert app.environment() == ()


def test_one_that_closed_its_port_and_goes_on_has_not_ended(tmp_path: Path, setting: Setting) -> None:
    write_shop(tmp_path, answer="request.server.socket.close()")
    with running(world(), setting, str(tmp_path)) as app:
        assert _get(app.url + "/") == "None"
        assert app.is_alive()
        assert app.ended() == ""


def test_one_that_ignores_sigterm_is_killed(
    tmp_path: Path, setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("andon.production.gap.processes.GRACE", 0.2)
    write_shop(tmp_path, before="signal.signal(signal.SIGTERM, signal.SIG_IGN)")
    with running(world(), setting, str(tmp_path)) as app:
        pid = app.pid
    assert _is_gone(pid)


@pytest.mark.parametrize("problem", [KeyboardInterrupt, ValueError])
def test_it_is_stopped_on_every_way_out(
    tmp_path: Path, setting: Setting, problem: type[BaseException]
) -> None:
    write_shop(tmp_path)
    pid = 0
    with pytest.raises(problem), running(world(), setting, str(tmp_path)) as app:
        pid = app.pid
        raise problem
    assert _is_gone(pid)


def test_it_is_stopped_when_the_wait_is_interrupted(
    tmp_path: Path, setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(port: int, _path: str) -> None:
        assert port
        raise KeyboardInterrupt

    monkeypatch.setattr(app_module, "ask", interrupted)
    write_shop(tmp_path, before="time.sleep(60)")
    mine: list[str] = []
    monkeypatch.setattr(app_module.secrets, "token_hex", lambda _: mine.append("m" * 24) or mine[-1])
    with pytest.raises(KeyboardInterrupt), running(world(), setting, str(tmp_path)):
        pass
    assert not members(NOBODY, mine[0])


def test_it_is_stopped_when_even_the_stopping_is_interrupted(
    tmp_path: Path, setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_shop(tmp_path, before="signal.signal(signal.SIGTERM, signal.SIG_IGN)")
    real, asked = processes.members, []

    def interrupted_once(pid: int, mark: str) -> tuple[int, ...]:
        asked.append(pid)
        if len(asked) == 1:
            raise KeyboardInterrupt
        return real(pid, mark)

    with pytest.raises(KeyboardInterrupt), running(world(), setting, str(tmp_path)) as app:
        pid = app.pid
        monkeypatch.setattr(processes, "members", interrupted_once)
    assert _is_gone(pid)


def test_the_variables_of_what_listens_are_read_not_those_of_what_started_it(
    tmp_path: Path, setting: Setting
) -> None:
    write_shop(tmp_path)
    start = ("/bin/sh", "-c", f"STORE=other {sys.executable} -IS shop.py & wait")
    with running(world(start=start), setting, str(tmp_path)) as app:
        assert dict(app.environment())["STORE"] == "other"
        assert _get(app.url + "/") == "other"
