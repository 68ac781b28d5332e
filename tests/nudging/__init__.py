"""Panda: one model that a person babysits."""
