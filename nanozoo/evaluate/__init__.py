"""Metrics, matching of particles, scores by bin, bootstrap intervals."""
