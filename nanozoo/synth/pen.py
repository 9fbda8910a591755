"""Text on a grey picture, with the micro sign that OpenCV's fonts lack."""

from __future__ import annotations

import cv2
import numpy as np

_FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_COMPLEX_SMALL)


class Pen:
    """Writes anti-aliased text of one font on a picture.

    Args:
        pixels: `(H, W)` float32 in [0, 1], drawn on in place.
        scale: Height of the letters; 1 is about 22 px.
        rng: Chooses the font.
    """

    def __init__(self, pixels: np.ndarray, scale: float, rng: np.random.Generator):
        self.pixels = pixels
        self.scale = max(scale, 0.35)
        self._font = int(rng.choice(_FONTS))

    def size(self, text: str) -> tuple[int, int]:
        """Height above the base line and width of a text, px."""
        plain = text.replace("µ", "u")
        (width, height), _ = cv2.getTextSize(plain, self._font, self.scale, 1)
        return height, width

    def write(self, text: str, left: int, base: int, grey: float) -> None:
        """Write `text` with its base line at row `base`, from column `left` on."""
        ink = np.zeros(self.pixels.shape, np.uint8)
        style = (self._font, self.scale, 255, 1, cv2.LINE_AA)
        cv2.putText(ink, text.replace("µ", "u"), (int(left), int(base)), *style)
        if "µ" in text:
            stem = int(left) + self.size(text[: text.index("µ")])[1] + int(4 * self.scale)
            top, bottom = int(base - 12 * self.scale), int(base + 7 * self.scale)
            width = max(1, round(2.5 * self.scale))
            cv2.line(ink, (stem, top), (stem, bottom), 255, width, cv2.LINE_AA)
        alpha = ink.astype(np.float32) / 255
        self.pixels[:] = self.pixels * (1 - alpha) + np.float32(grey) * alpha
