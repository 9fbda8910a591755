"""Models: one file a model, each with its `build_<name>`."""
