"""What differs from place to place, read from one JSON file."""

import json


class Settings:
    """Where this shop listens, keeps its database, writes its log and finds the payment provider."""

    def __init__(self, path: str) -> None:
        """Read the file; a missing key is an error at the start, not at the first request."""
        with open(path, encoding="utf-8") as file:
            values = json.load(file)
        self.port: int = values["port"]
        self.database: str = values["database"]
        self.log: str = values["log"]
        self.payments: str = values["payments"]
