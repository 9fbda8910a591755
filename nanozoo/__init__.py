"""nanozoo: a Keras 3 model zoo for electron micrographs of nanomaterials.

The public names are loaded on first use, so that `import nanozoo` is quick and
the parts without keras work where no backend is installed.
"""

from __future__ import annotations

import importlib

__version__ = "0.1.0"

_PUBLIC = {
    "Cancelled": "nanozoo.core.progress",
    "Embedder": "nanozoo.engines.embedder",
    "Instances": "nanozoo.core.instances",
    "PorousConfig": "nanozoo.synth",
    "Predictor": "nanozoo.engines.predictor",
    "Progress": "nanozoo.core.progress",
    "Sampler": "nanozoo.engines.sampler",
    "SceneConfig": "nanozoo.synth",
    "UserError": "nanozoo.core.errors",
    "benchmark": "nanozoo.workflows.benchmark",
    "build_autoencoder": "nanozoo.models.vae",
    "build_fpn": "nanozoo.models.fpn",
    "build_gan": "nanozoo.models.gan",
    "build_linknet": "nanozoo.models.linknet",
    "build_maskrcnn": "nanozoo.models.maskrcnn",
    "build_shape_cnn": "nanozoo.models.shape_cnn",
    "build_unet": "nanozoo.models.unet",
    "build_vae": "nanozoo.models.vae",
    "convert_annotations": "nanozoo.workflows.convert",
    "embed_images": "nanozoo.workflows.embed",
    "export_model": "nanozoo.workflows.export",
    "extract_particles": "nanozoo.measure.crops",
    "fine_tune": "nanozoo.workflows.fine_tune",
    "get_loss": "nanozoo.training.losses",
    "grad_cam": "nanozoo.explain.grad_cam",
    "latent_grad_cam": "nanozoo.explain.latent_grad_cam",
    "list_checkpoints": "nanozoo.models.checkpoint",
    "load": "nanozoo.models.checkpoint",
    "measure_particles": "nanozoo.measure.particles",
    "measure_pores": "nanozoo.measure.pores",
    "paste_masks": "nanozoo.engines.masks",
    "progress_bar": "nanozoo.workflows.progress",
    "random_config": "nanozoo.synth",
    "read_frames": "nanozoo.io.micrograph",
    "read_micrograph": "nanozoo.io.micrograph",
    "realistic_config": "nanozoo.synth",
    "receptive_field": "nanozoo.models.receptive_field",
    "save_checkpoint": "nanozoo.models.checkpoint",
    "segment": "nanozoo.workflows.segment",
    "simulate": "nanozoo.synth",
    "simulate_porous": "nanozoo.synth",
    "size_distribution": "nanozoo.measure.distribution",
    "strategy": "nanozoo.training.strategy",
    "suggest_anchors": "nanozoo.data.anchors",
    "train": "nanozoo.workflows.train",
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
