"""Real worlds for the search for a gap: applications, databases, services, load, links; one module each."""
