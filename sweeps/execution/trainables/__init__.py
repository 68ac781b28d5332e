"""Trainables: what a user writes, in each of its forms, and what it meets while it is trained."""
