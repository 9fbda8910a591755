"""Necks: encoder levels to pyramid levels."""
