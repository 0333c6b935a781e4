"""How fast text is redacted, what known and what recognisable secrets come through, what is hidden falsely.

The text is made up from a seed: ordinary logs of several shapes, with values of an environment file planted
in many encodings and tokens of known forms. `./dev bench redaction`; peers are measured when on PATH:
gitleaks, betterleaks and kingfisher report what they find, with every live check off.
"""

from __future__ import annotations

import argparse
import base64
import json
import random
import resource
import shutil
import string
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Callable
from pathlib import Path

from andon.secrets.redaction import MARKER, PatternRedactor

SPEED = 15.0  # MB/s of one core
LETTERS = string.ascii_letters + string.digits
SIZE = 8 << 20


def word(chance: random.Random, length: int, letters: str = LETTERS) -> str:
    """Return a random word with a digit."""
    return "".join(chance.choices(letters, k=length - 1)) + chance.choice(string.digits)


def ordinary(chance: random.Random, number: int) -> str:
    """Return a line of a log in which nothing is secret."""
    moment = f"2026-03-{1 + number % 28:02}T{number % 24:02}:{number % 60:02}:07.{number % 1000:03}Z"
    trace, order, ms = f"{chance.getrandbits(128):032x}", chance.randrange(10**7), chance.randrange(2000)
    uuid = f"{trace[:8]}-{trace[8:12]}-4{trace[13:16]}-a{trace[17:20]}-{trace[20:]}"
    second = f"{number % 60:02}"
    shapes = (
        f'10.0.{order % 255}.7 - - [01/Mar/2026:02:14:07] "GET /orders/{order}?page=2 HTTP/1.1" 200 {ms}',
        f"{moment} INFO shop.orders order {order} paid in {ms} ms trace={trace}",
        json.dumps({"ts": moment, "level": "info", "msg": "token refreshed", "user": order, "ms": ms}),
        f"{moment} WARN auth: password of user {order} expires in {ms % 90} days",
        f"{moment} DEBUG http POST https://api.shop.example/v1/tokens -> 201 ({ms} ms) etag={trace[:16]}",
        f'time={moment} level=error msg="invalid token" request_id={uuid}',
        f'  File "/srv/app/shop/auth.py", line {ms}, in check_password',
        f"    raise KeyError('secret_key')  # commit {trace}{trace[:8]}",
        f"Mar  1 02:14:{second} web-3 sshd[{ms}]: Accepted publickey for deploy from 10.1.2.3 port {ms}",
        f"{moment} INFO kafka [Consumer clientId=c-{order}, groupId=g] Fetch {order} key=order-{order}",
        f"sha256:{trace}{trace[::-1]} pulled in {ms}ms cache_key=v2-{trace[:12]}",
        f"SELECT id, password_hash IS NOT NULL FROM users WHERE id = {order} -- {ms} ms",
    )
    return chance.choice(shapes)


def encodings(value: str, chance: random.Random) -> list[str]:
    """Return a value in the ways in which it gets into a log."""
    raw = value.encode()
    return [
        value,
        json.dumps(value)[1:-1],
        json.dumps(json.dumps(value))[1:-1],
        urllib.parse.quote(value, safe=""),
        urllib.parse.quote_plus(value),
        raw.hex(),
        *(base64.b64encode(word(chance, n).encode() + raw + b"xyz").decode() for n in (3, 4, 5)),
        *(base64.urlsafe_b64encode(word(chance, n).encode() + raw).decode() for n in (3, 4, 5)),
    ]


def tokens(chance: random.Random) -> list[str]:
    """Return secrets of known forms, made up here."""
    jwt = "eyJ" + word(chance, 20) + "." + "eyJ" + word(chance, 60) + "." + word(chance, 43)
    lines = "\n".join(word(chance, 64) for _ in range(20))
    return [
        "AK" + "IA" + "".join(chance.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=16)),
        "gl" + "pat-" + word(chance, 20),
        "xo"
        "xb-"
        + word(chance, 12, string.digits)
        + "-"
        + word(chance, 12, string.digits)
        + "-"
        + word(chance, 24),
        "sk" + "_live_" + word(chance, 24),
        "AI" + "za" + word(chance, 35),
        "S" + "G." + word(chance, 22) + "." + word(chance, 43),
        f"postgresql://shop:{word(chance, 20)}@db.internal:5432/orders",
        f"Authorization: Bearer {jwt}",
        "-----BEGIN RSA PRIVATE " + f"KEY-----\n{lines}\n-----END RSA PRIVATE " + "KEY-----",
    ]


class Corpus:
    """A log, what was planted in it and where."""

    def __init__(self, seed: int, size: int) -> None:
        """Make it up."""
        chance = random.Random(seed)
        values = [word(chance, n) for n in (12, 16, 20, 24, 32, 40, 64)] * 1
        values += [word(chance, 10) + '/+ "ü&' + word(chance, 6), word(chance, 9) + "\\" + word(chance, 9)]
        self.known = [value.encode() for value in values]
        self.planted_known = [form for value in values for form in encodings(value, chance)]
        self.planted_tokens = [token for _ in range(4) for token in tokens(chance)]
        planted = [*self.planted_known, *self.planted_tokens]
        lines: list[str] = []
        room = size
        while room > 0:
            lines.append(ordinary(chance, len(lines)))
            room -= len(lines[-1]) + 1
        self.plain = "\n".join(lines).encode()
        for n, secret in enumerate(planted):
            lines.insert(
                (n * 7919) % len(lines), f"2026-03-01T02:14:07Z ERROR upstream answered {secret} twice"
            )
        self.text = "\n".join(lines).encode()


def core(secret: str) -> bytes:
    """Return what must not be seen of a planted secret: its middle."""
    bare = secret.split("@")[0].split("://shop:")[-1]
    return bare[len(bare) // 3 : len(bare) // 3 + 10].encode()


def measured(deed: Callable[[], object], runs: int = 5) -> tuple[float, object]:
    """Return the least CPU seconds of several runs, and what came out."""
    best, answer = float("inf"), None
    for _ in range(runs):
        began = time.process_time()
        answer = deed()
        best = min(best, time.process_time() - began)
    return best, answer


def peer_cpu(command: list[str], text: bytes) -> float:
    """Return the CPU seconds of a program that reads the text."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, input=text, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def peers(text: bytes) -> None:
    """Measure what is on PATH."""
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "server.log"
        file.write_bytes(text)
        known = {
            "gitleaks": ["gitleaks", "stdin", "--no-banner", "--redact"],
            "betterleaks": ["betterleaks", "stdin", "--no-banner", "--redact"],
            "kingfisher": ["kingfisher", "scan", str(file), "--no-validate", "--no-update-check"],
        }
        for name, command in known.items():
            if shutil.which(name) is None:
                print(f"{name:28} not installed")
                continue
            seconds = min(peer_cpu(command, text) for _ in range(2))
            print(f"{name:28} {len(text) / seconds / 1e6:8.1f} MB/s CPU (finds only)")


def main() -> int:
    """Measure, print, and fail when a bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--bytes", type=int, default=SIZE)
    parser.add_argument("--no-peers", action="store_true")
    given = parser.parse_args()
    corpus = Corpus(given.seed, given.bytes)
    redactor = PatternRedactor(known=corpus.known, key=b"k" * 32)
    seconds, answer = measured(lambda: redactor.redact(corpus.text))
    clean, count = answer  # type: ignore[misc]
    speed = len(corpus.text) / seconds / 1e6
    plain_seconds, plain_answer = measured(lambda: redactor.redact(corpus.plain))
    false = plain_answer[1]  # type: ignore[index]
    leaked_known = [p for p in corpus.planted_known if core(p) in clean]
    leaked_tokens = [p for p in corpus.planted_tokens if core(p) in clean]
    print(
        f"{len(corpus.text) / 1e6:.1f} MB, {len(corpus.planted_known)} known values,"
        f" {len(corpus.planted_tokens)} tokens"
    )
    print(f"{'redact':28} {speed:8.1f} MB/s CPU, {count} replaced")
    print(
        f"{'redact, nothing in it':28} {len(corpus.plain) / plain_seconds / 1e6:8.1f} MB/s CPU,"
        f" {false} replaced falsely"
    )
    print(f"{'known values that leak':28} {len(leaked_known):8} of {len(corpus.planted_known)}")
    print(f"{'tokens that leak':28} {len(leaked_tokens):8} of {len(corpus.planted_tokens)}")
    if false:
        found = MARKER.findall(plain_answer[0])[:5]  # type: ignore[index]
        print(f"{'falsely':28} {found}")
    if not given.no_peers:
        peers(corpus.text)
    is_good = speed >= SPEED and not leaked_known and not leaked_tokens and not false
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
