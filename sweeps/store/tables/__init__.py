"""Tables on disk: their columns, their parts, and the rows of each."""
