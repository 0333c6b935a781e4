"""Starts Andon for a hook: `python -I -S THIS gate ...`, without what `site` does at every start (5 ms).

What is not in the standard library is found all the same: at the first such import, `site` does its work.
"""

from __future__ import annotations

import os
import sys


class _Late:
    """The last finder: lets `site` say where packages are when one is asked for, and then steps aside."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):  # type: ignore[no-untyped-def] # typing costs 3 ms
        """Return where a module is, or None."""
        if name.startswith("_"):  # a part of some other Python's standard library
            return None
        sys.meta_path.remove(cls)
        import site

        site.main()
        from importlib.machinery import PathFinder

        return PathFinder.find_spec(name, path, target)


def start() -> None:
    """Run the command line as the installed program would."""
    sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    sys.meta_path.append(_Late)
    from andon.__main__ import run

    run()


if __name__ == "__main__":
    start()
