"""Layers: one family per file, each with its forward and its backward pass. Examples are columns."""
