"""Losses, devices and the training loop."""
