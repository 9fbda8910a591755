"""Seeded boxes and maps, and what torchvision makes of them.

Run `python tests/parity/make_detection_ops_reference.py` from the repository root where
torchvision is installed; it writes `tests/golden/detection_ops.npz`. The tests need
`seeded_inputs` only.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

GOLDEN = Path(__file__).parents[1] / "golden" / "detection_ops.npz"
WEIGHTS = (10.0, 10.0, 5.0, 5.0)
NMS_THRESHOLDS = (0.3, 0.5, 0.9)
SCALES = (1 / 4, 1 / 8, 1 / 16, 1 / 32)


def seeded_boxes(generator: np.random.Generator, count: int, side: float) -> np.ndarray:
    """Random boxes `(count, 4)`, some of which leave an image of `side` px."""
    centres = generator.uniform(0, side, (count, 2))
    halves = 0.5 * np.exp(generator.uniform(np.log(2), np.log(0.7 * side), (count, 2)))
    return np.concatenate([centres - halves, centres + halves], axis=1).astype(np.float32)


def seeded_inputs() -> dict[str, np.ndarray]:
    """All inputs; every array is random, scores are distinct."""
    generator = np.random.default_rng(7)
    inputs = {
        "boxes": seeded_boxes(generator, 80, 100.0),
        "others": seeded_boxes(generator, 30, 100.0),
        "offsets": generator.normal(0, 3, (80, 4)).astype(np.float32),
        "scores": generator.permutation(80).astype(np.float32) / 80,
        "groups": generator.integers(0, 3, 80),
        "map": generator.normal(0, 1, (1, 9, 13, 3)).astype(np.float32),
        "rois": seeded_boxes(generator, 25, 40.0),
        "large_rois": seeded_boxes(generator, 40, 900.0),
    }
    for level, side in enumerate((64, 32, 16, 8)):
        values = generator.normal(0, 1, (1, side, side, 2)).astype(np.float32)
        inputs[f"level{level}"] = values
    return inputs


def main() -> None:
    """Run torchvision's functions and store the results."""
    import torch
    from torchvision import ops
    from torchvision.models.detection._utils import BoxCoder, Matcher

    inputs = {name: torch.from_numpy(value) for name, value in seeded_inputs().items()}
    boxes, others = inputs["boxes"], inputs["others"]
    coder = BoxCoder(WEIGHTS)
    golden = {
        "iou": ops.box_iou(boxes, others),
        "clipped": ops.clip_boxes_to_image(boxes, (60, 90)),
        "encoded": coder.encode_single(boxes, boxes.roll(1, 0)),
        "decoded": coder.decode_single(inputs["offsets"], boxes),
    }
    for threshold in NMS_THRESHOLDS:
        kept = ops.nms(boxes, inputs["scores"], threshold)
        golden[f"nms{threshold}"] = kept
        kept = ops.batched_nms(boxes, inputs["scores"], inputs["groups"], threshold)
        golden[f"batched_nms{threshold}"] = kept
    grid = inputs["map"].permute(0, 3, 1, 2)
    for aligned in (False, True):
        for ratio in (1, 2):
            pooled = ops.roi_align(grid, [inputs["rois"]], 5, 0.25, ratio, aligned)
            golden[f"align{ratio}{aligned}"] = pooled.permute(0, 2, 3, 1)
    levels = {str(n): inputs[f"level{n}"].permute(0, 3, 1, 2) for n in range(4)}
    pooler = ops.MultiScaleRoIAlign(["0", "1", "2", "3"], 4, 2)
    pooled = pooler(levels, [inputs["large_rois"]], [(256, 256)])
    golden["multilevel"] = pooled.permute(0, 2, 3, 1)
    golden["levels"] = pooler.map_levels([inputs["large_rois"]])
    overlap = ops.box_iou(others, boxes)
    for quality in (False, True):
        golden[f"matched{quality}"] = Matcher(0.5, 0.3, quality)(overlap)
    arrays = {name: value.numpy() for name, value in golden.items()}
    small = {n: v.astype(np.int8) if v.dtype.kind == "i" else v for n, v in arrays.items()}
    np.savez_compressed(GOLDEN, **small)


if __name__ == "__main__":
    main()
