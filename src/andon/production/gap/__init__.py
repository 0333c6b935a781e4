"""The two worlds of `andon gap` as they really are: processes, databases, services, browsers, networks."""
