"""nanozoo: a Keras 3 model zoo for electron micrographs of nanomaterials.

The public names are loaded on first use, so that `import nanozoo` is quick and
the parts without keras work where no backend is installed.
"""

from __future__ import annotations

import importlib

__version__ = "0.1.0"

_PUBLIC = {
    "UserError": "nanozoo.core.errors",
    "build_unet": "nanozoo.models.unet",
    "Predictor": "nanozoo.engines.predictor",
    "load": "nanozoo.models.checkpoint",
    "list_checkpoints": "nanozoo.models.checkpoint",
    "save_checkpoint": "nanozoo.models.checkpoint",
    "fine_tune": "nanozoo.workflows.fine_tune",
    "strategy": "nanozoo.training.strategy",
    "Instances": "nanozoo.core.instances",
}

__all__ = ["__version__", *_PUBLIC]


def __getattr__(name: str):
    if name not in _PUBLIC:
        raise AttributeError(f"module 'nanozoo' has no attribute {name!r}")
    value = getattr(importlib.import_module(_PUBLIC[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
