"""What the small applications of the benchmark have in common, as a framework would be; copied beside each."""
