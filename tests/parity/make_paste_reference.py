"""Seeded masks and boxes, and the full-size masks that torchvision makes of them.

Run `python tests/parity/make_paste_reference.py` from the repository root where torchvision is
installed; it writes `tests/golden/paste_masks.npz`. The tests need `seeded_detections` only.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

GOLDEN = Path(__file__).parents[1] / "golden" / "paste_masks.npz"
SHAPE = (24, 33)


def seeded_detections() -> tuple[np.ndarray, np.ndarray]:
    """Random masks `(6, 28, 28)` and boxes `(6, 4)`: of a pixel, larger than the image, cut."""
    masks = np.random.default_rng(2).random((6, 28, 28), np.float32)
    boxes = [
        [3.2, 4.9, 20.7, 21.3],
        [10.5, 10.5, 11.2, 11.9],
        [-7.4, -3.1, 9.9, 8.2],
        [25.0, 15.0, 40.6, 31.7],
        [-9.0, -8.0, 50.0, 44.0],
        [0.0, 0.0, 33.0, 24.0],
    ]
    return masks, np.array(boxes, np.float32)


def main() -> None:
    """Store what torchvision pastes."""
    import torch
    from torchvision.models.detection.roi_heads import paste_masks_in_image

    masks, boxes = (torch.from_numpy(value) for value in seeded_detections())
    full = paste_masks_in_image(masks[:, None], boxes, SHAPE)[:, 0].numpy()
    np.savez_compressed(GOLDEN, full=full)


if __name__ == "__main__":
    main()
