"""Start the shop: `python -m shop CONFIG` where CONFIG is the JSON file of this place."""

import sys

from .server import serve

serve(sys.argv[1])
