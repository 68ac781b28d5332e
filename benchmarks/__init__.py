"""Speed and size, each against a peer in the same run."""
