"""What is done to feature flags: killed, given back, rolled out stage by stage. One module per act."""
