"""Makes examples of every row of the table of secrets from its expression, so that no file holds one."""

from __future__ import annotations

import random
import re
import string
from re import _constants as word  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]

from andon.secrets.checksums import bech32_checksum, crc32_in_base62, crc32_in_hex
from andon.secrets.formats import Format

_ALL = frozenset(map(ord, string.ascii_letters + string.digits + "_-+/=. "))


def example(row: Format, seed: object) -> tuple[bytes, bytes]:
    """Return a text that holds a secret of this row, and the secret; the same one for a seed."""
    chance = random.Random(f"{row.kind}{row.needles}{seed}")
    if row.letters and row.least:
        prefix = chance.choice(_prefixes(row))
        size = row.least - min(map(len, _prefixes(row)))
        letters = _letters(row.letters)
        body = "".join(chance.choices(letters, k=size)).encode()
        value = _repaired(row, prefix.encode() + body)
        return value, value
    if row.is_named:
        _, _, form = row.expression.partition(b"(?:Bearer )?)(")
        value = b""
        while not re.search(rb"\d", value) or value.lower() == value.upper():
            value = _sample(form[: form.rindex(b")(?!")], chance)[2]
        text = row.needles[0] + b'_api_key = "' + value + b'"'
        return text, value
    before, group, text = _sample(row.expression, chance)
    if not any(needle in text.lower() for needle in row.needles):
        text = row.needles[0] + text[len(row.needles[0]) :]
    whole = before + text
    if row.lead:
        return whole, whole[len(before) - row.lead :]
    value = whole[len(before) + group[0] : len(before) + group[1]] if group else text
    repaired = _repaired(row, value)
    return whole.replace(value, repaired), repaired


def _prefixes(row: Format) -> list[str]:
    before = row.expression[: row.expression.rindex(b")" + row.letters)]
    return [re.sub(r"\\(.)", r"\1", p) for p in before[before.rindex(b"(?:") + 3 :].decode().split("|")]


def _letters(letters: bytes) -> list[str]:
    known = string.ascii_letters + string.digits + "_-"
    return [c for c in known if re.fullmatch(letters, c.encode())]


def _repaired(row: Format, value: bytes) -> bytes:
    """Return the value with a right checksum, or the inner structure that its check asks for."""
    if row.checksum == "crc32-base62":
        return value[:-6] + crc32_in_base62(value[4:-6])
    if row.checksum == "crc32-hex":
        return value[:-8] + crc32_in_hex(value[:-9])
    if row.checksum == "bech32":
        text = value.decode()
        prefix, _, _ = text.lower().partition("1")
        data = "".join(random.Random(text).choices("qpzry9x8gf2tvdw0s3jn54khce6mua7l", k=52))
        made = f"{prefix}1{data}{bech32_checksum(prefix, data)}"
        return (made.upper() if text[0].isupper() else made).encode()
    if row.checksum == "json":
        return re.sub(rb"eyJ.", b"eyJz", value, count=1)
    return value


def _sample(expression: bytes, chance: random.Random) -> tuple[bytes, tuple[int, int] | None, bytes]:
    """Return what must stand before, where the group is, and a text that the expression matches."""
    made = bytearray()
    before = bytearray()
    groups: list[tuple[int, int]] = []

    def walk(tree: object, into: bytearray) -> None:
        for op, given in tree:  # type: ignore[attr-defined]
            if op is word.LITERAL:
                into.append(given)
            elif op is word.NOT_LITERAL:
                into.append(chance.choice([c for c in _ALL if c != given]))
            elif op is word.ANY:
                into.append(chance.choice(sorted(_ALL)))
            elif op is word.IN:
                into.append(_one_of(given, chance))
            elif op is word.BRANCH:
                walk(chance.choice(given[1]), into)
            elif op is word.SUBPATTERN:
                start = len(into)
                walk(given[3], into)
                if given[0] and into is made:
                    groups.append((start, len(into)))
            elif op in (word.MAX_REPEAT, word.MIN_REPEAT):
                low, high, inner = given
                for _ in range(min(high, low if low > 1 else chance.randint(low, max(low, 1)))):
                    walk(inner, into)
            elif op is word.ASSERT and given[0] < 0 and into is made:
                if not made:
                    walk(given[1], before)
            elif op in (word.ASSERT, word.ASSERT_NOT, word.AT):
                continue
            else:
                raise AssertionError(op)

    walk(parser.parse(expression), made)
    return bytes(before), groups[-1] if groups else None, bytes(made)


def _one_of(choices: list[tuple[object, object]], chance: random.Random) -> int:
    allowed: list[int] = []
    refused = False
    for op, given in choices:
        if op is word.NEGATE:
            refused = True
        elif op is word.LITERAL:
            allowed.append(given)  # type: ignore[arg-type]
        elif op is word.RANGE:
            allowed.extend(range(given[0], given[1] + 1))  # type: ignore[index]
        elif op is word.CATEGORY:
            letters = string.digits if given is word.CATEGORY_DIGIT else string.ascii_letters + string.digits
            allowed.extend(b" " if given is word.CATEGORY_SPACE else map(ord, letters))
    if refused:
        allowed = [c for c in map(ord, string.ascii_letters + string.digits) if c not in allowed]
    return chance.choice(allowed)
