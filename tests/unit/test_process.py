"""The one way to run a command: nothing it does may hang us, flood us or survive its time limit."""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from andon.production.process import NOT_STARTED, clean, first_words, last_lines, run


def python(program: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", program, *arguments]


def wait_until(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        stat = Path(f"/proc/{pid}/stat")
        return not stat.exists() or stat.read_bytes().rpartition(b")")[2].split()[0] not in (b"Z", b"X")
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_exit_code_and_output_of_both_streams() -> None:
    done = run(python("import sys; print('out', flush=True); print('err', file=sys.stderr); sys.exit(3)"))
    assert (done.code, done.output, done.timed_out, done.ending) == (3, "out\nerr\n", False, "exit code 3")
    assert not done.succeeded


def test_standard_error_can_be_kept_apart() -> None:
    done = run(python("import sys; print('out'); print('err', file=sys.stderr)"), apart=True)
    assert (done.raw, done.errors, done.succeeded) == (b"out\n", b"err\n", True)


def test_arguments_are_never_a_shell(tmp_path: Path) -> None:
    hostile = f"$(touch {tmp_path}/x); `touch {tmp_path}/x` > {tmp_path}/x"
    done = run(python("import sys; print(sys.argv[1])", hostile))
    assert done.output.strip() == hostile
    assert not list(tmp_path.iterdir())


def test_directory_and_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/elsewhere")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "user.name")
    seen = "[n for n in os.environ if n.startswith(('GIT_D', 'GIT_CONFIG_K'))]"
    program = f"import os; print(os.getcwd(), os.environ['MINE'], {seen})"
    done = run(python(program), cwd=str(tmp_path), env={"MINE": "yes"})
    assert done.output.strip() == f"{tmp_path.resolve()} yes []"


def test_what_is_given_is_standard_input_however_long() -> None:
    program = "import sys; said = sys.stdin.buffer.read(); sys.stdout.buffer.write(said[::-1])"
    given = bytes(range(256)) * 4_000  # more than a pipe holds, both ways
    assert run(python(program), given=given, limit=2_000_000).raw == given[::-1]
    assert run(python("print('did not ask')"), given=given).output == "did not ask\n"


def test_standard_input_is_empty() -> None:
    assert run(python("import sys; print(repr(sys.stdin.read()))")).output == "''\n"


@pytest.mark.parametrize(
    ("arguments", "cwd", "said"),
    [
        ([], None, "no command is configured"),
        (["andon-no-such-program"], None, "no such program"),
        ([sys.executable], "/andon/no/such/place", "/andon/no/such/place does not exist"),
        ([os.path.dirname(__file__)], None, "not executable"),
        ([sys.executable, "nul\0byte"], None, "null byte"),
    ],
)
def test_what_cannot_start_says_why(arguments: list[str], cwd: str | None, said: str) -> None:
    done = run(arguments, cwd=cwd)
    assert (done.code, done.succeeded) == (NOT_STARTED, False)
    assert said in done.failure


def test_a_script_whose_interpreter_is_missing_says_so(tmp_path: Path) -> None:
    script = tmp_path / "deploy"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    assert "interpreter" in run([str(script)]).failure


def test_a_hanging_command_is_stopped_with_everything_it_started() -> None:
    program = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    done = run(python(program), timeout=1.0)
    assert done.timed_out
    assert "did not end within its time limit" in done.ending
    assert done.seconds < 10
    assert wait_until(lambda: not alive(int(done.output)))


def test_a_command_that_ignores_the_first_signal_is_killed() -> None:
    program = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('deaf', flush=True); time.sleep(60)"
    )
    done = run(python(program), timeout=1.0)
    assert (done.timed_out, done.code, done.output) == (True, -signal.SIGKILL, "deaf\n")


def test_a_grandchild_that_holds_the_output_open_does_not_hold_us() -> None:
    program = (
        "import subprocess, sys\n"
        "sleep = [sys.executable, '-c', 'import time; time.sleep(60)']\n"
        "child = subprocess.Popen(sleep, start_new_session=True)\n"
        "print(child.pid)\n"
    )
    done = run(python(program), timeout=20.0)
    child = int(done.output)
    try:
        assert done.succeeded
        assert done.seconds < 10
        assert alive(child)
    finally:
        os.kill(child, signal.SIGKILL)


def test_a_service_that_was_left_running_can_go_on_printing(tmp_path: Path) -> None:
    told = tmp_path / "told"
    service = (
        "import time\nfor _ in range(5):\n    print('x' * 100000, flush=True); time.sleep(.05)\n"
        f"open({str(told)!r}, 'w')"
    )
    program = (
        "import subprocess, sys; subprocess.Popen([sys.executable, '-c', sys.argv[1]])\n"
        "print('started', flush=True)"
    )
    done = run(python(program, service), leaves_service=True)
    assert done.succeeded
    assert "started" in done.output
    assert wait_until(told.exists), "the service died of the output it had inherited"


def test_without_room_for_a_file_a_service_can_be_restarted_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/andon/no/such/place")
    done = run(python("print('restarted')"), leaves_service=True)
    assert (done.succeeded, done.output) == (True, "restarted\n")


@pytest.mark.parametrize("leaves_service", [False, True])
def test_endless_output_is_bounded_and_both_ends_are_kept(leaves_service: bool) -> None:
    program = "print('first'); [print('x' * 999) for _ in range(20000)]; print('last')"
    done = run(python(program), limit=10_000, leaves_service=leaves_service)
    assert len(done.raw) < 11_000
    assert done.output.startswith("first\n")
    assert done.output.endswith("last\n")
    assert f"{done.left_out} bytes left out" in done.output
    assert (
        done.left_out + len(done.raw) - len(f"\n... {done.left_out} bytes left out ...\n")
        == len("first\nlast\n") + 20000 * 1000
    )


def test_only_the_end_can_be_kept() -> None:
    done = run(python("print('x' * 100000); print('last')"), limit=5, head=0)
    assert done.raw == b"last\n"


def test_an_interruption_stops_the_command(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    program = (
        "import os, sys, time; f = open(sys.argv[1], 'w'); f.write(str(os.getpid())); f.close()\n"
        "time.sleep(60)"
    )

    def interrupt() -> None:
        if wait_until(lambda: pid.exists() and bool(pid.read_text())):
            os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        run(python(program, str(pid)), timeout=30.0)
    assert wait_until(lambda: not alive(int(pid.read_text())))


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"plain\n", "plain\n"),
        (b"\x1b[31mred\x1b[0m", "red"),
        (b"\x1b]0;title\x07after", "after"),
        (b"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        (b"\x1bPdcs\x1b\\kept", "kept"),
        (b"\x1b]never ended\nnext", "\nnext"),
        (b"\xc2\x9b31mred", "red"),
        (b"a\x00b\x07c\x08d\x7f", "abcd"),
        (b"10%\r20%\r\ndone", "10%\n20%\ndone"),
        (b"\xff\xfe", "��"),
        ("abc\u202egnp.exe".encode(), "abcgnp.exe"),
        (b"\x1b", ""),
        (b"\x1b[", ""),
    ],
)
def test_nothing_reaches_a_terminal_that_could_steer_it(content: bytes, text: str) -> None:
    assert clean(content) == text


def test_cleaning_is_linear() -> None:
    began = time.process_time()
    clean(b"\x1b[" * 500_000 + b"\x1b]" * 500_000)
    assert time.process_time() - began < 5


def test_last_lines_are_whole_lines() -> None:
    assert last_lines("a\nb\n") == "a\nb"
    assert last_lines("first line\nsecond\nthird", 14) == "... second\nthird"
    assert last_lines("x" * 50, 10) == "... " + "x" * 10
    assert last_lines("half-of-a-secret and the rest", 15) == "... and the rest"


def test_the_first_words_are_whole_words() -> None:
    assert first_words("a short text", 12) == "a short text"
    assert first_words("a secret-of-many-letters", 12) == "a"
    assert first_words("two words and more", 9) == "two words"
    assert first_words("x" * 50, 10) == "x" * 10


def test_what_is_left_out_of_an_output_is_whole_lines() -> None:
    program = "[print('secret-%04d-of-some-length' % n) for n in range(2000)]"
    lines = run(python(program), limit=1000).output.splitlines()
    whole = r"secret-\d{4}-of-some-length|\.{3} \d+ bytes left out \.{3}|"
    assert [line for line in lines if not re.fullmatch(whole, line)] == []
