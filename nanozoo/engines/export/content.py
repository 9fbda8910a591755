"""What an exported file holds and answers: of a network of pixels, and of a detector."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nanozoo.core.checks import check_positive
from nanozoo.core.errors import UserError
from nanozoo.engines.accuracy import Answer
from nanozoo.engines.export.whole import build_whole, build_whole_detector
from nanozoo.engines.predictor import Predictor, of_instances
from nanozoo.engines.runtimes.base import stacked
from nanozoo.io.micrograph import normalise

if TYPE_CHECKING:
    import keras

_STRETCH = "stretch of the grey values between the percentiles 0.5 and 99.5 to [0, 1]"
_OUTSIDE = (
    "luminance of colours: 0.299 red + 0.587 green + 0.114 blue",
    "tiles: an image is taken as a whole",
)


@dataclass(frozen=True)
class Content:
    """A network with what is done around it, and the answers that its file is compared with.

    Args:
        build: From the precision to the model from "image" `(B, H, W, 1)` to its outputs.
        wanted: Answer of the predictor in float32.
        answer: From the file's outputs and the image's `(height, width)` to an answer as `wanted`.
        foreground: From an answer to `(H, W)` bool.
        outputs: Shape without the batch, type and range of each output, for the report.
        inside: What the file does, for the report.
        outside: What it does not.
    """

    build: Callable[[str], keras.Model]
    wanted: Answer
    answer: Callable[[dict[str, np.ndarray], tuple[int, int]], np.ndarray]
    foreground: Callable[[np.ndarray], np.ndarray]
    outputs: dict[str, dict[str, Any]]
    inside: tuple[str, ...]
    outside: tuple[str, ...]


def content_of(predictor: Predictor, scale: float | None = None) -> Content:
    """Say what the file of a checkpoint holds.

    Args:
        predictor: Of one checkpoint, on keras in float32, without flips.
        scale: Of a detector the magnification, above 0; 1 if None.

    Returns:
        The content.

    Raises:
        UserError: If there are several networks, a network of pixels is to have a `scale`, or a
            detector needs its contrast equalised.
    """
    if predictor.others:
        raise UserError(
            "Expected one network: averages of several cannot be exported. "
            f"Received: {predictor.checkpoint.name} and others"
        )
    if predictor.detector:
        chosen = 1.0 if scale is None else check_positive("scale", scale)
        return _of_detector(predictor, chosen)
    if scale is not None:
        raise UserError(
            "Expected no `scale` for a network that classifies pixels, whose magnifications are "
            f"inside the file. Received: scale={scale!r}"
        )
    return _of_pixels(predictor)


def _of_pixels(predictor: Predictor) -> Content:
    sizes = {"classes": len(predictor.checkpoint.classes)}
    if "boundary" in predictor.engine.outputs:
        sizes["boundary"] = 1
    magnified = ", ".join(f"{scale:g}" for scale in predictor.scales)
    return Content(
        lambda precision: build_whole(predictor.checkpoint, predictor.scales, precision),
        lambda pixels: predictor.probabilities(normalise(pixels)),
        lambda found, shape: stacked(found)[0],
        lambda maps: predictor.postprocess.foreground(1 - maps[..., 0]),
        {
            name: _tensor(("height", "width", channels), "float32", "probabilities from 0 to 1")
            for name, channels in sizes.items()
        },
        (
            _STRETCH,
            f"magnifications {magnified}, averaged",
            "mirrored padding to multiples of 64 px, cropped afterwards",
        ),
        (
            *_OUTSIDE,
            "averages over turns and mirror images",
            "from probabilities to particles, see `inference`",
        ),
    )


def _of_detector(predictor: Predictor, scale: float) -> Content:
    options = predictor.detector.options
    if options.clahe is not None:
        raise UserError(
            "Expected a detector that takes images as they are: the contrast equalisation (CLAHE) "
            f"of this one cannot be exported. Received: {predictor.checkpoint.name}"
        )
    alone = Predictor(predictor.checkpoint, model=predictor.model, scales=(scale,))

    def answer(found: dict[str, np.ndarray], shape: tuple[int, int]) -> np.ndarray:
        one = {name: value[0] for name, value in found.items()}
        return of_instances(options.instances(one, shape)).probability[..., None]

    number, side = alone.engine.model.output["masks"].shape[1:3]
    return Content(
        lambda precision: build_whole_detector(predictor.checkpoint, scale, precision),
        lambda pixels: alone.segment(pixels).probability[..., None],
        answer,
        lambda maps: maps[..., 0] > 0,
        {
            "boxes": _tensor((number, 4), "float32", "left, top, right and bottom edge, px"),
            "scores": _tensor((number,), "float32", "from 0 to 1, falling"),
            "labels": _tensor((number,), "int32", "number of the class, from 1"),
            "masks": _tensor((number, side, side), "float32", "probabilities on the box's grid"),
            "valid": _tensor((number,), "bool", "whether there is a particle"),
        },
        (
            _STRETCH,
            f"magnification {scale:g}, boxes in pixels of the image; particles should be around "
            f"{options.diameter / scale:.0f} px across",
            "proposals, suppression of overlapping boxes, masks",
        ),
        (
            *_OUTSIDE,
            "the choice of a magnification by the particles' size",
            "thresholds of scores and masks, and which of overlapping particles stay, see "
            "`inference`",
        ),
    )


def _tensor(shape: tuple[int | str, ...], dtype: str, values: str) -> dict[str, Any]:
    return {"shape": shape, "dtype": dtype, "range": values}
