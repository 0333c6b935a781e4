"""The user's world: git, deployments, smoke tests, logs; one file per system, behind the ports of `desk`."""
