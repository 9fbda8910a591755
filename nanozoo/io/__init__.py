"""Micrograph readers and annotation formats: pixels and pixel size together."""
