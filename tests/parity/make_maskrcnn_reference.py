"""Seeded weights of torchvision's Mask R-CNN, and the detections that it makes with them.

Run `python tests/parity/make_maskrcnn_reference.py` from the repository root where torchvision
is installed; it writes `tests/golden/maskrcnn.npz`. The tests need the seeded functions only.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from make_resnet_reference import seeded_state as seeded_resnet

GOLDEN = Path(__file__).parents[1] / "golden" / "maskrcnn.npz"
ANCHOR_SIZES = (32, 64, 128, 256, 512)
# Few boxes keep the test short; the numbers mean the same on both sides.
LIMITS = {
    "rpn_pre_nms_top_n": 200,
    "rpn_post_nms_top_n": 60,
    "box_score_thresh": 0.05,
    "box_nms_thresh": 0.4,
    "box_detections_per_img": 20,
}
# Samples are so many that every anchor and proposal is drawn: losses without chance.
SAMPLES = {
    "rpn_batch_size_per_image": 10**5,
    "box_batch_size_per_image": 10**5,
    "box_positive_fraction": 1.0,
}
LOSSES = {
    "loss_objectness": "rpn_class_loss",
    "loss_rpn_box_reg": "rpn_box_loss",
    "loss_classifier": "box_class_loss",
    "loss_box_reg": "box_loss",
    "loss_mask": "mask_loss",
}
MASK_SAMPLES = 40


def seeded_images(seed: int = 1, height: int = 96, width: int = 120) -> np.ndarray:
    """Two normalised images `(2, H, W, 3)` float32: waves of several lengths and noise."""
    generator = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    images = generator.normal(0, 0.3, (2, height, width, 3))
    for _ in range(6):
        angle, length = generator.uniform(0, np.pi), np.exp(generator.uniform(2, 5))
        phase = 2 * np.pi * (x * np.cos(angle) + y * np.sin(angle)) / length
        wave = np.sin(phase + generator.uniform(0, 6, (2, 3, 1, 1)))
        images += 0.7 * wave.transpose(0, 2, 3, 1)
    return images.astype(np.float32)


def seeded_truth(height: int = 96, width: int = 120) -> list[dict[str, np.ndarray]]:
    """Ellipses that overlap: for each of two images "boxes", "labels" and full "masks"."""
    y, x = np.mgrid[:height, :width] + 0.5
    truth = []
    for boxes in (
        [[10, 12, 60, 55], [40, 30, 90, 90], [70, 5, 110, 45]],
        [[5, 40, 75, 92], [60, 20, 100, 60], [3, 3, 20, 18], [80, 50, 118, 94]],
    ):
        masks = [
            ((x - (a + c) / 2) * 2 / (c - a)) ** 2 + ((y - (b + d) / 2) * 2 / (d - b)) ** 2 < 1
            for a, b, c, d in boxes
        ]
        labels = np.arange(len(boxes)) % 2 + 1
        truth.append(
            {
                "boxes": np.array(boxes, np.float32),
                "labels": labels,
                "masks": np.array(masks, np.uint8),
            }
        )
    return truth


def seeded_views() -> tuple[np.ndarray, np.ndarray]:
    """Boxes `(5, 4)` from which to look at ellipses of the first image, and which `(5,)`."""
    boxes = [[10, 12, 60, 55], [6, 20, 50, 60], [35, 33, 95, 80], [75, 10, 100, 50], [0, 0, 9, 9]]
    return np.array(boxes, np.float32), np.array([0, 0, 1, 2, 1])


def seeded_state(num_classes: int = 3, seed: int = 5) -> dict[str, np.ndarray]:
    """Random weights by torchvision's names; scores are spread so that no ranks are close."""
    state = {f"backbone.body.{name}": value for name, value in seeded_resnet(50).items()}
    generator = np.random.default_rng(seed)

    def add(name: str, shape: tuple[int, ...], gain: float, shift: float = 0.1) -> None:
        scale = np.float32(gain / np.sqrt(np.prod(shape[1:])))
        state[f"{name}.weight"] = generator.standard_normal(shape, np.float32) * scale
        count = shape[1] if "conv5" in name else shape[0]
        state[f"{name}.bias"] = generator.uniform(-shift, shift, count).astype(np.float32)

    for level, channels in enumerate((256, 512, 1024, 2048)):
        add(f"backbone.fpn.inner_blocks.{level}.0", (256, channels, 1, 1), 0.7)
        add(f"backbone.fpn.layer_blocks.{level}.0", (256, 256, 3, 3), 1.0)
    add("rpn.head.conv.0.0", (256, 256, 3, 3), 1.4)
    add("rpn.head.cls_logits", (3, 256, 1, 1), 1.0)
    add("rpn.head.bbox_pred", (12, 256, 1, 1), 0.3)
    add("roi_heads.box_head.fc6", (1024, 256 * 7 * 7), 1.4)
    add("roi_heads.box_head.fc7", (1024, 1024), 1.4)
    add("roi_heads.box_predictor.cls_score", (num_classes, 1024), 2.0)
    add("roi_heads.box_predictor.bbox_pred", (4 * num_classes, 1024), 2.0)
    for number in range(4):
        add(f"roi_heads.mask_head.{number}.0", (256, 256, 3, 3), 1.4)
    add("roi_heads.mask_predictor.conv5_mask", (256, 256, 2, 2), 2.8)
    add("roi_heads.mask_predictor.mask_fcn_logits", (num_classes, 256, 1, 1), 2.0)
    return state


def torch_model(state: dict[str, np.ndarray], shape: tuple[int, int], num_classes: int, limits):
    """Torchvision's model with these weights, for normalised images of a shape, not resized."""
    import torch
    from torchvision.models.detection import maskrcnn_resnet50_fpn

    tops = {name: value for name, value in limits.items() if "top_n" in name}
    model = maskrcnn_resnet50_fpn(
        weights=None,
        weights_backbone=None,
        num_classes=num_classes,
        image_mean=[0.0] * 3,
        image_std=[1.0] * 3,
        min_size=min(shape),
        max_size=max(shape),
        **{f"{name}_{part}": value for name, value in tops.items() for part in ("train", "test")},
        **{name: value for name, value in limits.items() if name not in tops},
    ).eval()
    report = model.load_state_dict(
        {name: torch.from_numpy(value) for name, value in state.items()}, strict=False
    )
    if report.unexpected_keys or any("num_batches" not in key for key in report.missing_keys):
        raise ValueError(f"the seeded weights do not fit: {report}")
    return model


def torch_detections(model, images: np.ndarray) -> list[dict[str, np.ndarray]]:
    """What torchvision detects in images `(B, H, W, 3)`, masks on their small grid."""
    import torch

    with torch.no_grad():
        batch, _ = model.transform(list(torch.from_numpy(images.transpose(0, 3, 1, 2))))
        features = model.backbone(batch.tensors)
        proposals, _ = model.rpn(batch, features)
        found, _ = model.roi_heads(features, proposals, batch.image_sizes)
    arrays = [{name: value.numpy() for name, value in image.items()} for image in found]
    return [{**image, "masks": image["masks"][:, 0]} for image in arrays]


def torch_losses(model, images: np.ndarray, truth: list[dict]) -> dict[str, float]:
    """Torchvision's losses, by our names, with frozen batch normalisation."""
    import torch

    targets = [{name: torch.from_numpy(v) for name, v in image.items()} for image in truth]
    model.train()
    model.backbone.eval()
    with torch.no_grad():
        losses = model(list(torch.from_numpy(images.transpose(0, 3, 1, 2))), targets)
    model.eval()
    return {LOSSES[name]: float(value) for name, value in losses.items()}


def torch_mask_targets(truth: dict[str, np.ndarray]) -> np.ndarray:
    """Torchvision's targets `(5, 14, 14)` of the mask head for `seeded_views`."""
    import torch
    from torchvision.models.detection.roi_heads import project_masks_on_boxes

    boxes, owners = (torch.from_numpy(value) for value in seeded_views())
    return project_masks_on_boxes(torch.from_numpy(truth["masks"]), boxes, owners, 14).numpy()


def mask_samples(masks: np.ndarray) -> np.ndarray:
    """Evenly spread values `(N, 40)` of masks `(N, 28, 28)`."""
    flat = masks.reshape(len(masks), -1)
    return flat[:, np.linspace(0, flat.shape[1] - 1, MASK_SAMPLES).astype(int)]


def main() -> None:
    """Store the detections and the losses of the seeded images."""
    images = seeded_images()
    model = torch_model(seeded_state(), images.shape[1:3], 3, {**LIMITS, **SAMPLES})
    golden = torch_losses(model, images, seeded_truth())
    print(golden)
    golden["mask_targets"] = torch_mask_targets(seeded_truth()[0])
    for number, image in enumerate(torch_detections(model, images)):
        image["masks"] = mask_samples(image["masks"])
        golden |= {f"{number}/{name}": value for name, value in image.items()}
        gaps = -np.diff(image["scores"])
        print(
            f"image {number}: {len(gaps) + 1} detections, classes {set(image['labels'])}, "
            f"scores {image['scores'].min():.3f} to {image['scores'].max():.3f}, "
            f"closest {gaps.min():.1e}, masks {image['masks'].std():.3f}"
        )
    np.savez_compressed(GOLDEN, **golden)


if __name__ == "__main__":
    main()
