"""Panda: one model that a person babysits, its nudges, and runs trained again as they were recorded."""
