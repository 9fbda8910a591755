"""Data sets as tensorflow_datasets builders, registered in `nanozoo.core.registry.DATASETS`."""

from nanozoo.data.datasets import simulated_scenes  # noqa: F401
