"""Simulated micrographs with exact ground truth (numpy, seeded)."""
