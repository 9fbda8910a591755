"""Explanations by tf-keras-vis, by name, under the TensorFlow backend."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import keras
import numpy as np

from nanozoo.core.checks import check_choice, check_int
from nanozoo.core.errors import UserError
from nanozoo.explain.grad_cam import as_batch
from nanozoo.explain.probe import check_layer, logits_copy
from nanozoo.explain.targets import Target

METHODS = (
    "grad_cam",
    "grad_cam++",
    "score_cam",
    "saliency",
    "smooth_grad",
    "gradient_times_input",
)


def attribute(
    model: keras.Model,
    image: np.ndarray,
    target: int | Target,
    method: str = "grad_cam++",
    *,
    layer: str = "C4",
    samples: int = 20,
    noise: float = 0.1,
    seed: int = 0,
) -> np.ndarray:
    """Explain a decision by one of the methods of tf-keras-vis.

    Args:
        model: Of `build_shape_cnn`, `build_unet`, `build_fpn`, `build_linknet` or
            `build_maskrcnn`, under any dtype policy.
        image: `(H, W)` or `(H, W, C)` in [0, 1], as the model takes it.
        target: A class, or a `Target` for a pixel or a particle of a segmentation model, or for
            the box of a particle that a detector has found.
        method: One of `METHODS`. The first three add the maps of a layer; the others show by
            which pixels the class's logit changes most.
        layer: Whose maps are added.
        samples: Noisy copies of the image that "smooth_grad" averages.
        noise: Their noise, a share of the image's range.
        seed: Of the noise.

    Returns:
        `(H, W)` float32 in [0, 1].

    Raises:
        UserError: If the backend is not TensorFlow, an argument is out of range, or the model
            has no classes, or no such class or layer.

    References:
        Selvaraju et al. 2017, https://doi.org/10.1109/ICCV.2017.74 (Grad-CAM);
        Chattopadhay et al. 2018, https://doi.org/10.1109/WACV.2018.00097 (Grad-CAM++);
        Wang et al. 2020, https://doi.org/10.1109/CVPRW50498.2020.00020 (Score-CAM);
        Simonyan et al. 2014, https://doi.org/10.48550/arXiv.1312.6034 (saliency);
        Smilkov et al. 2017, https://doi.org/10.48550/arXiv.1706.03825 (SmoothGrad);
        Shrikumar et al. 2017, https://doi.org/10.48550/arXiv.1605.01713 (times input).
    """
    check_choice("method", method, METHODS)
    check_int("samples", samples, 1)
    if keras.backend.backend() != "tensorflow":
        raise UserError(
            "tf-keras-vis needs TensorFlow: set KERAS_BACKEND=tensorflow, or call "
            f"`nanozoo.grad_cam`. Received: backend={keras.backend.backend()!r}"
        )
    batch = as_batch(model, image)
    target = target if isinstance(target, Target) else Target(int(target))
    logits = logits_copy(model, batch.shape[1:], target)
    target.check(logits.output.shape)
    if method in ("grad_cam", "grad_cam++", "score_cam"):
        check_layer(logits, layer)
        explain = _activation_map(method, target.scores(logits))
        with _no_progress():
            heat = explain(
                target.of, batch, penultimate_layer=layer, seek_penultimate_conv_layer=False
            )
        return np.asarray(heat[0], np.float32)
    return _by_pixels(method, logits, target, batch, samples, noise, seed)


@contextmanager
def _no_progress() -> Iterator[None]:
    """Keep Keras from printing how far a prediction is that somebody else asks for."""
    shown = keras.config.is_interactive_logging_enabled()
    keras.config.disable_interactive_logging()
    try:
        yield
    finally:
        if shown:
            keras.config.enable_interactive_logging()


def _activation_map(method: str, logits: keras.Model) -> Callable:
    from tf_keras_vis.gradcam import Gradcam
    from tf_keras_vis.gradcam_plus_plus import GradcamPlusPlus
    from tf_keras_vis.scorecam import Scorecam

    kinds = {"grad_cam": Gradcam, "grad_cam++": GradcamPlusPlus, "score_cam": Scorecam}
    explain = kinds[method](logits)
    # Score-CAM predicts with a copy made for one image: TensorFlow would trace every copy anew.
    explain.model.run_eagerly = True
    return explain


def _by_pixels(
    method: str,
    logits: keras.Model,
    target: Target,
    batch: np.ndarray,
    samples: int,
    noise: float,
    seed: int,
) -> np.ndarray:
    """Size of the gradient by each pixel, the largest of its channels; the largest is 1."""
    from tf_keras_vis.saliency import Saliency

    explain = Saliency(target.scores(logits))
    options = {"keepdims": True, "normalize_map": False}
    if method == "smooth_grad":
        rng = np.random.default_rng(seed)
        noisy = batch + noise * np.ptp(batch) * rng.standard_normal((samples, *batch.shape[1:]))
        gradient = explain(target.of, noisy.astype(np.float32), **options)
        heat = np.abs(gradient).mean(axis=0)
    elif method == "gradient_times_input":
        signed = explain(target.of, batch, gradient_modifier=None, **options)
        heat = np.abs(signed[0] * batch[0])
    else:
        heat = np.abs(explain(target.of, batch, **options)[0])
    heat = heat.max(axis=-1).astype(np.float32)
    highest = float(heat.max())
    return heat / highest if highest > 0 else heat
