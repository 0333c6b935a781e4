"""The connections of browsers by name, as Chrome's developer tools and Puppeteer count them.

https://pptr.dev/api/puppeteer.predefinednetworkconditions: what a name promises on paper, times what makes it
like that in practice (latency 3.75 or 5 times for 3G and 2.75 for 4G; 0.8 or 0.9 of the bandwidth).
`slow-4g` is the newer name of `fast-3g`: both are the same.
"""

from __future__ import annotations

from andon.record import Record


class Profile(Record):
    """A connection."""

    title: str
    #: Milliseconds from a request to the first byte of its answer, at least.
    latency: float = 0.0
    #: Bytes a second; 0 for as fast as it goes.
    down: float = 0.0
    up: float = 0.0

    @property
    def told(self) -> str:
        """The connection in words."""
        if not self.latency:
            return "as fast as this machine"
        rates = f"{self.down / 1000:.0f} kB/s down, {self.up / 1000:.0f} kB/s up"
        return f"{self.title}: {self.latency:g} ms, {rates}"


PROFILES = {
    "none": Profile(title="none"),
    "slow-3g": Profile(title="Slow 3G", latency=2000.0, down=50_000.0, up=50_000.0),
    "fast-3g": Profile(title="Fast 3G", latency=562.5, down=180_000.0, up=84_375.0),
    "slow-4g": Profile(title="Slow 4G", latency=562.5, down=180_000.0, up=84_375.0),
    "fast-4g": Profile(title="Fast 4G", latency=165.0, down=1_012_500.0, up=168_750.0),
}
