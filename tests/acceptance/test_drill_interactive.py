"""A person takes the decisions; wrong ones really happen, and the score says what the protocol asks for."""

import sys

import pexpect

from andon.drill.environment import environment

#: Seconds until something on the screen counts as never coming.
PATIENCE = 300
MENU = r"your decision \[1-\d\]: "


def start(tmp_path, scenario: str) -> pexpect.spawn:
    return pexpect.spawn(
        sys.executable,
        ["-m", "andon", "drill", scenario, "--interactive", "--fast"],
        cwd=str(tmp_path),
        env=environment({"TMPDIR": str(tmp_path), "TERM": "xterm", "NO_COLOR": "1", "COLUMNS": "100"}),
        encoding="utf-8",
        timeout=PATIENCE,
        dimensions=(40, 100),
    )


def choose(terminal: pexpect.spawn, question: str, label: str) -> None:
    """Wait for the question and type the number of the option whose label begins like this."""
    terminal.expect(question)
    terminal.expect(MENU)
    options = [line.split(maxsplit=1) for line in terminal.before.splitlines() if line.strip()[:1].isdigit()]
    (number,) = [option[0] for option in options if option[1].strip().startswith(label)]
    terminal.sendline(number)


def test_the_best_decisions_get_all_that_decisions_can_get(tmp_path) -> None:
    terminal = start(tmp_path, "bad-release")
    choose(terminal, "What do you do", "pull the cord now")
    choose(terminal, "How bad is it", "P0")
    choose(terminal, "What comes first", "acknowledge it")
    choose(terminal, "What now", "roll back")
    choose(terminal, "When do you say", "after the smoke tests")
    choose(terminal, "close it", "write the postmortem")
    terminal.expect(r"time: mitigated after (\d+) s \((\d) of 2\)")
    took, for_time = int(terminal.match.group(1)), int(terminal.match.group(2))
    terminal.expect(r"score: (\d+) of (\d+)")
    points, possible = int(terminal.match.group(1)), int(terminal.match.group(2))
    assert points == possible - 2 + for_time
    assert for_time == 2 or took >= 120, "only a slow machine costs points"
    terminal.expect(pexpect.EOF)
    terminal.wait()
    terminal.close()
    assert terminal.exitstatus == 0


def test_wrong_decisions_really_happen_and_cost_points(tmp_path) -> None:
    terminal = start(tmp_path, "dependency-down")
    choose(terminal, "What do you do", "keep watching")
    terminal.expect("more visits failed")
    choose(terminal, "How bad is it", "P2")
    terminal.expect("P2 medium")
    terminal.expect("P2 -> P0")
    choose(terminal, "What comes first", "look for the cause")
    choose(terminal, "What now", "roll back")
    terminal.expect("v1.2.0")
    terminal.expect("verification failed")
    choose(terminal, "What now", "work around it")
    terminal.expect("--undo")
    choose(terminal, "When do you say", "now")
    terminal.expect("proof-of-recovery")
    choose(terminal, "close it", "close it now")
    terminal.expect("postmortem-before-close")
    terminal.expect(r"score: (\d+) of (\d+)")
    assert int(terminal.match.group(1)) <= int(terminal.match.group(2)) // 2
    terminal.expect(pexpect.EOF)
    terminal.wait()
    terminal.close()
    assert terminal.exitstatus == 0
