"""nanozoo: a Keras 3 model zoo for electron micrographs of nanomaterials.

The public names are loaded on first use, so that `import nanozoo` is quick and
the parts without keras work where no backend is installed.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # for editors and type checkers; a test keeps it equal to `_PUBLIC`
    from nanozoo.core.errors import UserError as UserError
    from nanozoo.core.instances import Instances as Instances
    from nanozoo.core.progress import Cancelled as Cancelled
    from nanozoo.core.progress import Progress as Progress
    from nanozoo.data.anchors import suggest_anchors as suggest_anchors
    from nanozoo.engines.embedder import Embedder as Embedder
    from nanozoo.engines.masks import paste_masks as paste_masks
    from nanozoo.engines.predictor import Predictor as Predictor
    from nanozoo.engines.sampler import Sampler as Sampler
    from nanozoo.explain.grad_cam import grad_cam as grad_cam
    from nanozoo.explain.latent_grad_cam import latent_grad_cam as latent_grad_cam
    from nanozoo.io.micrograph import read_frames as read_frames
    from nanozoo.io.micrograph import read_micrograph as read_micrograph
    from nanozoo.measure.crops import extract_particles as extract_particles
    from nanozoo.measure.distribution import size_distribution as size_distribution
    from nanozoo.measure.particles import measure_particles as measure_particles
    from nanozoo.measure.pores import measure_pores as measure_pores
    from nanozoo.models.checkpoint import list_checkpoints as list_checkpoints
    from nanozoo.models.checkpoint import load as load
    from nanozoo.models.checkpoint import save_checkpoint as save_checkpoint
    from nanozoo.models.fpn import build_fpn as build_fpn
    from nanozoo.models.gan import build_gan as build_gan
    from nanozoo.models.linknet import build_linknet as build_linknet
    from nanozoo.models.maskrcnn import build_maskrcnn as build_maskrcnn
    from nanozoo.models.receptive_field import receptive_field as receptive_field
    from nanozoo.models.shape_cnn import build_shape_cnn as build_shape_cnn
    from nanozoo.models.unet import build_unet as build_unet
    from nanozoo.models.vae import build_autoencoder as build_autoencoder
    from nanozoo.models.vae import build_vae as build_vae
    from nanozoo.synth import PorousConfig as PorousConfig
    from nanozoo.synth import SceneConfig as SceneConfig
    from nanozoo.synth import random_config as random_config
    from nanozoo.synth import realistic_config as realistic_config
    from nanozoo.synth import simulate as simulate
    from nanozoo.synth import simulate_porous as simulate_porous
    from nanozoo.training.losses import get_loss as get_loss
    from nanozoo.training.strategy import strategy as strategy
    from nanozoo.workflows.benchmark import benchmark as benchmark
    from nanozoo.workflows.convert import convert_annotations as convert_annotations
    from nanozoo.workflows.embed import embed_images as embed_images
    from nanozoo.workflows.export import export_model as export_model
    from nanozoo.workflows.fine_tune import fine_tune as fine_tune
    from nanozoo.workflows.progress import progress_bar as progress_bar
    from nanozoo.workflows.segment import segment as segment
    from nanozoo.workflows.train import train as train

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
