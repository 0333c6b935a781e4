"""The files in which flags are asked for, as they cross the port `FlagSources`."""

from __future__ import annotations

from andon.record import Record


class Source(Record):
    """One file."""

    #: Relative to the root; bytes that are not UTF-8 as surrogates.
    path: str
    #: Git's name for its content; "" for a file of the work tree that differs from the index.
    identity: str
    #: True when its content is that of the work tree.
    is_here: bool = True
