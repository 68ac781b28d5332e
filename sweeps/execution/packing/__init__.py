"""Configs that train together: a job's seat in a pack, the pack as a group of jobs, and whose turn it is."""
