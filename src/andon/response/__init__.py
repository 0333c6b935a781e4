"""What to do now: assessment, choice of response, last known good, verification. Pure."""
