"""Heads: features to probabilities."""
