"""Registered Keras layers and convolution blocks."""
