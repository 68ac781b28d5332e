"""A network: its shape, its initial weights, its passes forward and backward."""
