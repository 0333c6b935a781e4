"""Which probe belongs to a configuration."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from andon.config.model_production import ProbeConfig
    from andon.desk.ports_production import Probe


def probe_for(config: ProbeConfig, root: str) -> Probe:
    """Return the probe for a smoke test or a dependency check."""
    if config.playwright:
        return _playwright(config, root)
    if config.command:
        return _command(config, root)
    if config.tcp:
        return _tcp(config, root)
    return _http(config, root)


def _command(config: ProbeConfig, root: str) -> Probe:
    from andon.production.command_probe import CommandProbe

    return CommandProbe(
        config.name,
        config.command,
        covers=config.covers,
        critical=config.critical,
        cwd=root,
        timeout=config.timeout,
        unknown=config.unknown,
        keep_screenshot=config.keep_screenshot,
        keep_trace=config.keep_trace,
    )


def _playwright(config: ProbeConfig, root: str) -> Probe:
    from andon.production.playwright_probe import PlaywrightProbe

    return PlaywrightProbe(
        config.name,
        config.playwright,
        command=config.command,
        covers=config.covers,
        critical=config.critical,
        cwd=root,
        timeout=config.timeout,
        keep_screenshot=config.keep_screenshot,
        keep_trace=config.keep_trace,
    )


def _tcp(config: ProbeConfig, root: str) -> Probe:
    from andon.production.tcp_probe import TcpProbe

    return TcpProbe(
        config.name,
        config.tcp,
        covers=config.covers,
        critical=config.critical,
        tls=config.tls,
        ca_file=_below(root, config.ca_file),
        send=config.body.encode(),
        expect_text=config.text,
        max_seconds=_seconds(config.max_latency),
        timeout=config.timeout,
    )


def _http(config: ProbeConfig, root: str) -> Probe:
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
        expect_headers=dict(config.expect_headers),
        expect_json=dict(config.json),
        json_has=config.json_has,
        max_seconds=_seconds(config.max_latency),
        timeout=config.timeout,
        redirects=config.redirects,
        ca_file=_below(root, config.ca_file),
    )


def _below(root: str, path: str) -> str:
    return os.path.join(root, os.path.expanduser(path)) if path else ""


def _seconds(milliseconds: int) -> float | None:
    return milliseconds / 1000 if milliseconds else None
