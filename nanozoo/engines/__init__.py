"""Prediction over images of any size."""
