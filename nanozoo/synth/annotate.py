"""Scale bars, info bars and panel letters as microscopes and figures draw them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nanozoo.synth.config import SceneConfig
from nanozoo.synth.pen import Pen

_ROUND = (1, 2, 5)


@dataclass(frozen=True)
class ScaleBar:
    """A drawn scale bar.

    Args:
        length_nm: What it stands for, nm; a round number.
        bar_px: Its exact length, px; drawn to the nearest pixel.
        label: Its text, for example "100 nm" or "2 µm" (drawn with a micro sign).
        box: Top, left, bottom, right of the bar's ink, px, exclusive.
        label_box: The same for the label.
        style: "line", "caps", "box" or "ticks".
    """

    length_nm: float
    bar_px: float
    label: str
    box: tuple[int, int, int, int]
    label_box: tuple[int, int, int, int]
    style: str


@dataclass(frozen=True)
class Annotation:
    """What was drawn over a picture.

    Args:
        scale_bar: The scale bar, or None.
        hidden: `(H, W)` bool, pixels under opaque strips and labels.
    """

    scale_bar: ScaleBar | None
    hidden: np.ndarray


def round_length_nm(pixel_size_nm: float, width: int, share: float) -> float:
    """The largest of 1, 2, 5 x 10^n nm that is no longer than a share of the width."""
    longest = share * width * pixel_size_nm
    decade = 10.0 ** np.floor(np.log10(longest))
    return float(max(step * decade for step in _ROUND if step * decade <= longest * (1 + 1e-9)))


def length_label(length_nm: float) -> str:
    """ "500 nm", "2 µm"; the unit that keeps the number at 1 or more, mm above that."""
    for size, unit in ((1e6, "mm"), (1e3, "µm")):
        if length_nm >= size:
            return f"{length_nm / size:g} {unit}"
    return f"{length_nm:g} nm"


def annotate(
    config: SceneConfig, pixels: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, Annotation]:
    """Draw what the settings ask for.

    Args:
        config: Settings of the scene.
        pixels: `(H, W)` float32 in [0, 1].
        rng: Source of randomness of fonts, sizes and places.

    Returns:
        The picture, `(H, W)` float32 in [0, 1], and what was drawn.
    """
    pixels, hidden = pixels.copy(), np.zeros(config.shape, bool)
    size = config.lettering * float(rng.uniform(0.6, 1.0)) * max(config.shape) / 512
    pen = Pen(pixels, size, rng)
    strip_top = None if config.info_bar == "none" else _info_bar(config, pen, hidden, rng)
    bar = None
    if config.scale_bar != "none":
        bar = _scale_bar(config, pen, hidden, strip_top, rng)
    if config.panel_label:
        _panel_label(config.panel_label, pen, hidden, rng)
    return pixels, Annotation(bar, hidden)


def _info_bar(config: SceneConfig, pen: Pen, hidden: np.ndarray, rng: np.random.Generator) -> int:
    """Draw the strip with the microscope's settings at its left; return its first row."""
    height, width = config.shape
    text_height = pen.size("0")[0]
    top = height - max(int(2.6 * text_height), 12)
    grey = 0.0 if config.info_bar == "dark" else 1.0
    pen.pixels[top:], hidden[top:] = grey, True
    voltage = rng.choice((1, 2, 3, 5, 10, 15, 20)) if config.modality == "sem" else 200
    fields = [f"{voltage:.1f} kV", f"WD {rng.uniform(3, 15):.1f} mm", "SE2", "x 20.0k"]
    text = ""
    while fields and pen.size(text + fields[0])[1] < 0.45 * width:
        text += fields.pop(0) + "  "
    if text:
        pen.write(text, int(0.02 * width), top + int(1.8 * text_height), 1.0 - grey)
    return top


def _scale_bar(
    config: SceneConfig,
    pen: Pen,
    hidden: np.ndarray,
    strip_top: int | None,
    rng: np.random.Generator,
) -> ScaleBar:
    """Draw the bar with its label over it, or beside it in a strip."""
    height, width = config.shape
    length = round_length_nm(config.pixel_size_nm, width, 0.35 if strip_top is None else 0.22)
    label, bar_px = length_label(length), length / config.pixel_size_nm
    drawn, thick = (
        max(int(np.rint(bar_px)), 1),
        max(1, int(np.rint(rng.uniform(2, 6) * pen.scale))),
    )
    text_height, text_width = pen.size(label)
    edge = max(4, int(0.03 * width))
    block = max(drawn, text_width)
    at_left = strip_top is None and rng.random() < 0.5
    if strip_top is None:
        base = height - edge
        left = edge if at_left else width - edge - block
        bar_left, text_left = left + (block - drawn) // 2, left + (block - text_width) // 2
        bar_top = base - thick
        text_base = bar_top - max(3, text_height // 2)
        grey = _ink(pen.pixels[text_base - text_height : base, left : left + block])
    else:
        bar_top = (strip_top + height - thick) // 2
        bar_left = width - edge - drawn
        text_left, text_base = (
            bar_left - text_width - edge,
            (strip_top + height + text_height) // 2,
        )
        grey = 0.0 if config.info_bar == "light" else 1.0
    if config.scale_bar == "box" and strip_top is None:
        pad = max(3, edge // 2)
        window = (
            slice(max(0, text_base - text_height - pad), min(height, base + pad)),
            slice(max(0, left - pad), min(width, left + block + pad)),
        )
        pen.pixels[window], hidden[window] = 1.0 - grey, True
    pen.pixels[bar_top : bar_top + thick, bar_left : bar_left + drawn] = grey
    if config.scale_bar in ("caps", "ticks"):
        count = 2 if config.scale_bar == "caps" else 11
        reach = max(2, int(3 * pen.scale))
        for x in np.rint(np.linspace(bar_left, bar_left + drawn - 1, count)).astype(int):
            pen.pixels[max(0, bar_top - reach) : bar_top + thick + reach, x] = grey
    pen.write(label, text_left, text_base, grey)
    return ScaleBar(
        length,
        bar_px,
        label,
        (bar_top, bar_left, bar_top + thick, bar_left + drawn),
        (text_base - text_height, text_left, text_base, text_left + text_width),
        config.scale_bar,
    )


def _panel_label(text: str, pen: Pen, hidden: np.ndarray, rng: np.random.Generator) -> None:
    """Letters at the top left, on a plain square every other time."""
    text_height, text_width = pen.size(text)
    edge = max(4, int(0.02 * hidden.shape[1]))
    window = (slice(0, text_height + 2 * edge), slice(0, text_width + 2 * edge))
    grey = _ink(pen.pixels[window])
    if rng.random() < 0.5:
        pen.pixels[window], hidden[window] = 1.0 - grey, True
    pen.write(text, edge, edge + text_height, grey)


def _ink(behind: np.ndarray) -> float:
    """Black on light ground, white on dark ground."""
    return 0.0 if float(behind.mean()) > 0.45 else 1.0
