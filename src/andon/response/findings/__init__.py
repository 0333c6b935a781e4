"""What scanners find in code: read from their own formats, and compared before and after a change."""
