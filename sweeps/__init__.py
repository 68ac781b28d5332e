"""Caviar: hyperparameter sweeps, coarse to fine."""
