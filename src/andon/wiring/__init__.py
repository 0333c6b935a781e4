"""The one place that joins ports and adapters. Each adapter is made when it is first asked for."""
