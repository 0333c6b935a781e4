"""What production's connections let through, for tests that slow a browser down as the experiments did."""

from __future__ import annotations

#: By name: milliseconds of latency, bytes a second down and up. The same figures as the experiments'
#: (`production.gap.network_profiles`, which says where they come from).
PROFILES: dict[str, tuple[float, float, float]] = {
    "slow-3g": (2000.0, 50_000.0, 50_000.0),
    "fast-3g": (562.5, 180_000.0, 84_375.0),
    "slow-4g": (562.5, 180_000.0, 84_375.0),
    "fast-4g": (165.0, 1_012_500.0, 168_750.0),
}
