"""Where the founding documents are, for the tests that read them; their text is in no test."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT.parent / "shared" / "founding"
GEARS = FOLDER / "incidents-execution-gears.md"
LEVELS = FOLDER / "incidents-process-levels.md"

needs_founding = pytest.mark.skipif(
    not (GEARS.is_file() and LEVELS.is_file()),
    reason="the founding documents are kept beside the repository and are not here",
)
