"""Checksums and inner structure that providers put into their tokens, verified without asking anybody. Pure.

Each function takes a whole token and says whether it is intact. Sources: GitHub's announcement of its token
formats (CRC-32 of the random part in base 62, six digits; npm took the same over), Grafana's public token
generator (CRC-32 of everything before it, little-endian hex), BIP 173 (bech32), RFC 7519 (JWT), the PyPI and
Sentry documentation (what their tokens begin with once decoded).
"""

from __future__ import annotations

from binascii import Error, a2b_base64, crc32

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_BASE62 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BECH32_STEPS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def crc32_in_base62(random: bytes) -> bytes:
    """Return the six digits that follow the random part of a token of GitHub or npm."""
    rest, digits = crc32(random), bytearray()
    for _ in range(6):
        rest, digit = divmod(rest, 62)
        digits.append(_BASE62[digit])
    return bytes(reversed(digits))


def is_github(token: bytes) -> bool:
    """True for a token of a prefix, an underscore, thirty random characters and their checksum."""
    random = token[4:-6]
    return token[-6:] == crc32_in_base62(random)


def crc32_in_hex(key: bytes) -> bytes:
    """Return the eight digits that end a token of Grafana, of all that stands before the last underscore."""
    return crc32(key).to_bytes(4, "little").hex().encode()


def is_grafana(token: bytes) -> bool:
    """True for a service account token of Grafana whose checksum is right."""
    key, _, checksum = token.rpartition(b"_")
    return checksum == crc32_in_hex(key)


def bech32_checksum(prefix: str, data: str) -> str:
    """Return the six characters that end a bech32 text of this prefix and data, in lower case (BIP 173)."""
    values = [*_expanded(prefix), *(_BECH32.find(c) for c in data), 0, 0, 0, 0, 0, 0]
    remainder = _polymod(values) ^ 1
    return "".join(_BECH32[(remainder >> 5 * (5 - i)) & 31] for i in range(6))


def is_bech32(token: bytes) -> bool:
    """True for a text in bech32, such as an identity of age, whose checksum is right."""
    text = token.decode("ascii", "replace").lower()
    prefix, _, data = text.rpartition("1")
    return len(data) > 6 and data[-6:] == bech32_checksum(prefix, data[:-6])


def _expanded(prefix: str) -> list[int]:
    return [*(ord(c) >> 5 for c in prefix), 0, *(ord(c) & 31 for c in prefix)]


def _polymod(values: list[int]) -> int:
    rest = 1
    for value in values:
        top = rest >> 25
        rest = (rest & 0x1FFFFFF) << 5 ^ value
        for bit, step in enumerate(_BECH32_STEPS):
            if top >> bit & 1:
                rest ^= step
    return rest


def decoded(text: bytes) -> bytes:
    """Return what a text in base64 of either alphabet holds, without its last bits; b"" for anything else."""
    plain = text.translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
    try:
        return a2b_base64(plain + b"=" * (-len(plain) % 4))
    except Error:
        return b""


def is_jwt(token: bytes) -> bool:
    """True for three parts of which the first is a JSON object that names its algorithm."""
    head, _, rest = token.partition(b".")
    start = decoded(head)
    return start[:1] == b"{" and start.rstrip()[-1:] == b"}" and b'"alg"' in start and rest.count(b".") == 1


def is_pypi(token: bytes) -> bool:
    """True for a token of PyPI or TestPyPI: a macaroon that names the index it is for."""
    return b"pypi" in decoded(token[5:45])


def is_json_in_base64(token: bytes) -> bool:
    """True for a token that goes on as a JSON object in base64 after its prefix."""
    body = token[max(token.find(b"eyJ"), 0) :]
    return decoded(body[: len(body) // 4 * 4 if len(body) < 40 else 40])[:2] == b'{"'


def is_discord(token: bytes) -> bool:
    """True for a token whose first part is the number of an account in base64."""
    return decoded(token.partition(b".")[0])[:17].isdigit()


#: By the name that a row of the table gives.
CHECKS: dict[str, Callable[[bytes], bool]] = {
    "crc32-base62": is_github,
    "crc32-hex": is_grafana,
    "bech32": is_bech32,
    "jwt": is_jwt,
    "macaroon": is_pypi,
    "json": is_json_in_base64,
    "account-number": is_discord,
}
