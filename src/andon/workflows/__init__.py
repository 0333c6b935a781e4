"""What must survive the death of a process: durable workflows, the runner of deployments, the worker."""
