"""The table of secret formats, made from the rows that the gate and the redactor read."""

from __future__ import annotations

from andon.secrets.formats import FORMATS, Format
from andon.secrets.rotation import PROVIDERS, rotation_of
from tests.docs.marked import table

_TOLD_BY = "the name it is given to, and its length"


def formats() -> str:
    """Return one row for each kind: whose it is, what tells it, how sure it is, what is verified."""
    kinds: dict[str, list[Format]] = {}
    for row in FORMATS:
        kinds.setdefault(row.kind, []).append(row)
    head = ("kind", "of", "told by", "tier", "verified offline", "how bad")
    return table(head, [_row(kind, rows) for kind, rows in sorted(kinds.items())])


def rotation() -> str:
    """Return one row for each provider: where a secret is made worthless, and where misuse shows."""
    used = dict.fromkeys(row.provider for row in FORMATS if row.provider)
    kinds = {provider: next(r.kind for r in FORMATS if r.provider == provider) for provider in used}
    rows = [
        (PROVIDERS[name].name, rotation_of(kinds[name])[0].partition(": ")[2], PROVIDERS[name].audit)
        for name in sorted(used)
    ]
    return table(("provider", "make it worthless", "look for misuse in"), rows)


def _row(kind: str, rows: list[Format]) -> tuple[str, ...]:
    provider = PROVIDERS[rows[0].provider].name if rows[0].provider else ""
    told = [f"`{needle.decode()}`" for row in rows for needle in row.needles if not row.is_named]
    told += [_TOLD_BY] * any(row.is_named for row in rows)
    broad = ("assignment", "authorization", "bearer-token", "password-hash", "command-password")
    is_sure = any(row.is_sure for row in rows) and kind not in broad
    tier = "never alone" if kind == "cookie" else "block" if is_sure else "review"
    checks = ", ".join(dict.fromkeys(row.checksum for row in rows if row.checksum))
    return (
        f"`{kind}`",
        provider,
        " ".join(told[:6]) + (" ..." if len(told) > 6 else ""),
        tier,
        checks,
        rows[0].badness,
    )
