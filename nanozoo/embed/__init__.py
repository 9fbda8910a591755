"""Embeddings of micrographs: probes, separation, neighbours, projections; no keras."""
