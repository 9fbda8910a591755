"""Text in an image, read by RapidOCR."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from nanozoo.core.checks import check_int


@dataclass(frozen=True)
class TextLine:
    """A piece of text.

    Args:
        text: What it says.
        score: How sure the reader is, in [0, 1].
        left: Column of the left side of its box, px.
        top: Row of the upper side, px.
        right: Column of the right side, px.
        bottom: Row of the lower side, px.
    """

    text: str
    score: float
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        """Height of the box, px."""
        return self.bottom - self.top


class TextReader:
    """Reads the text in images; the engine is made once, at the first image.

    Args:
        threads: Processor threads of the engine, at least 1.

    Raises:
        UserError: If `threads` is below 1.

    Example:
        >>> reader = TextReader()
        >>> reader.read(np.zeros((64, 64), np.uint8))
        []
    """

    def __init__(self, threads: int = 1):
        self.threads = check_int("threads", threads, 1)
        self._engine = None

    def read(self, grey: np.ndarray) -> list[TextLine]:
        """Read all text of an image.

        Args:
            grey: `(H, W)` uint8.

        Returns:
            Pieces of text in image coordinates, in no particular order.
        """
        image = cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR)
        result = self._make_engine()(image, use_det=True, use_cls=False, use_rec=True)
        if result.boxes is None:
            return []
        lines = []
        for corners, text, score in zip(result.boxes, result.txts, result.scores):
            (left, top), (right, bottom) = np.min(corners, axis=0), np.max(corners, axis=0)
            box = (float(left), float(top), float(right), float(bottom))
            lines.append(TextLine(text, float(score), *box))
        return lines

    def read_line(self, grey: np.ndarray) -> tuple[str, float]:
        """Read an image that holds one line of text and no more.

        Args:
            grey: `(H, W)` uint8.

        Returns:
            The text, and how sure the reader is, in [0, 1].
        """
        image = cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR)
        result = self._make_engine()(image, use_det=False, use_cls=False, use_rec=True)
        return (result.txts[0], float(result.scores[0])) if result.txts else ("", 0.0)

    def _make_engine(self):
        if self._engine is None:
            from rapidocr import RapidOCR

            setting = "EngineConfig.onnxruntime"
            self._engine = RapidOCR(
                params={
                    "Global.use_cls": False,
                    "Global.log_level": "error",
                    f"{setting}.intra_op_num_threads": self.threads,
                    f"{setting}.inter_op_num_threads": 1,
                }
            )
        return self._engine
