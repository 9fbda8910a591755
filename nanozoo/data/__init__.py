"""Samples, splits, augmentation and input pipelines."""
