"""Make a tagged version into a release directory, without putting it into production.

`python ops/build.py VERSION PRODUCTION` is what this team's pipeline runs for a tag.
"""

import os
import sys

from deploy import export

if __name__ == "__main__":
    version, production = sys.argv[1:]
    export(version, os.path.join(production, "releases", version))
    print(f"built {version}")
