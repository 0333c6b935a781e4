"""What `andon gap` answers for applications whose suites pass and whose production fails: bench/gapbench/.

For each pair: a copy with databases of its own, a green run of the suite with traces, then the real command.
`python -m bench.gapbench.prove` shows that the pairs are what they say, without Andon.
"""

from __future__ import annotations

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from bench.gapbench.run import main

if __name__ == "__main__":
    sys.exit(main())
