"""Shipped weights: config.json, float16 parts, a card each."""
