"""Which probe belongs to a configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from andon.config.model import ProbeConfig
    from andon.desk.ports import Probe


def probe_for(config: ProbeConfig, root: str) -> Probe:
    """Return the probe for a smoke test or a dependency check."""
    if config.command:
        from andon.production.command_probe import CommandProbe

        return CommandProbe(
            config.name,
            config.command,
            covers=config.covers,
            critical=config.critical,
            cwd=root,
            timeout=config.timeout,
        )
    from andon.production.http_probe import HttpProbe

    return HttpProbe(
        config.name,
        config.url,
        covers=config.covers,
        critical=config.critical,
        method=config.method,
        headers=dict(config.headers),
        body=config.body.encode(),
        expect_status=config.status or range(200, 300),
        expect_text=config.text,
        max_seconds=config.max_latency / 1000 if config.max_latency else None,
        timeout=config.timeout,
    )
