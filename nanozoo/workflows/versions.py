"""Versions of what results depend on."""

from __future__ import annotations

import importlib.metadata

import nanozoo

_PACKAGES = (
    "numpy",
    "opencv-python",
    "scikit-image",
    "keras",
    "tensorflow",
    "jax",
    "onnxruntime",
    "openvino",
)


def package_versions() -> dict[str, str]:
    """Versions of nanozoo and of the packages that its results depend on."""
    versions = {"nanozoo": nanozoo.__version__}
    for name in _PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions
