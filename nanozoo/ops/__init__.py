"""Tensor functions on keras.ops: boxes, suppression, RoIAlign, matching, losses."""
