"""How often each variant was served, over all processes and restarts. What is counted is bounded.

Only flags that are defined, and their variants, are counted one by one; of keys that are not defined, some.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

#: Undefined keys that are counted.
_UNKNOWN = 500
_LONGEST = 200


class Usage:
    """Counts per flag and variant; "" as variant is the caller's default."""

    def __init__(self, kept: Any, now: float) -> None:
        """Take what was kept, or anything else for a fresh start; `now` in seconds since 1970."""
        self.since = now
        self._counts: dict[str, dict[str, list[float]]] = {}
        self._unknown: dict[str, list[float]] = {}
        #: True when something was counted since the last time it was set to False.
        self.has_changed = False
        try:
            counts = {
                str(key): {str(v): [int(n), float(at)] for v, (n, at) in variants.items()}
                for key, variants in kept["counts"].items()
            }
            unknown = {str(key): [int(n), float(at)] for key, (n, at) in kept["unknown"].items()}
            self.since, self._counts, self._unknown = float(kept["since"]), counts, unknown
        except (TypeError, KeyError, ValueError, AttributeError):
            pass  # nothing was kept, or not by us: counted from now on

    def count(self, counts: Iterable[object], flags: Mapping[str, Any], now: float) -> None:
        """Add `[key, variant, count]` of a process; what is none of the three is left out."""
        for one in counts:
            match one:
                case [str(key), str(variant), int(number)] if 0 < number < 1 << 53 and number is not True:
                    self._add(key, variant, number, flags, now)

    def _add(self, key: str, variant: str, number: int, flags: Mapping[str, Any], now: float) -> None:
        self.has_changed = True
        flag = flags.get(key)
        if flag is None:
            if key not in self._unknown and len(self._unknown) >= _UNKNOWN:
                return
            entry = self._unknown.setdefault(key[:_LONGEST], [0, now])
        else:
            variants = flag.get("variants") if isinstance(flag, dict) else None
            known = variant if isinstance(variants, dict) and variant in variants else ""
            entry = self._counts.setdefault(key, {}).setdefault(known, [0, now])
        entry[0] += number
        entry[1] = max(entry[1], now)

    def plain(self) -> dict[str, Any]:
        """Return a copy of everything as JSON values: to be kept, and as the answer to who asks."""
        counts = {
            key: {variant: list(entry) for variant, entry in variants.items()}
            for key, variants in self._counts.items()
        }
        unknown = {key: list(entry) for key, entry in self._unknown.items()}
        return {"since": self.since, "counts": counts, "unknown": unknown}
