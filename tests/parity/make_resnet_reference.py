"""Torchvision's ResNet written out in PyTorch, and the reference that the tests compare with.

Run `python tests/parity/make_resnet_reference.py` from the repository root where PyTorch
is installed; it writes `tests/golden/resnet.npz`. The tests need `seeded_state` only.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

PLANS = {
    18: ((2, 2, 2, 2), 1),
    34: ((3, 4, 6, 3), 1),
    50: ((3, 4, 6, 3), 4),
    101: ((3, 4, 23, 3), 4),
}
SAMPLES = 48
GOLDEN = Path(__file__).parents[1] / "golden" / "resnet.npz"


def seeded_image(depth: int) -> np.ndarray:
    """Random `(70, 93, 3)` float32 image in [0, 1], of a size that 32 does not divide."""
    return np.random.default_rng(depth).random((70, 93, 3), np.float32)


def seeded_state(depth: int) -> dict[str, np.ndarray]:
    """Random weights by torchvision's names, in its order and layout, without the classifier."""
    generator = np.random.default_rng(100 + depth)
    state: dict[str, np.ndarray] = {}

    def add(conv: str, norm: str, shape: tuple[int, int, int, int]) -> None:
        fan_in = shape[1] * shape[2] * shape[3]
        scale = np.float32(np.sqrt(2.0 / fan_in))
        state[f"{conv}.weight"] = generator.standard_normal(shape, np.float32) * scale
        count = shape[0]
        for part, low, high in (
            ("weight", 0.4, 0.8),
            ("bias", -0.1, 0.1),
            ("running_mean", -0.1, 0.1),
            ("running_var", 0.5, 1.5),
        ):
            state[f"{norm}.{part}"] = generator.uniform(low, high, count).astype(np.float32)

    blocks, expansion = PLANS[depth]
    add("conv1", "bn1", (64, 3, 7, 7))
    width = 64
    for stage, count in enumerate(blocks, 1):
        planes = 64 * 2 ** (stage - 1)
        for block in range(count):
            prefix = f"layer{stage}.{block}"
            kernels = (1, 3, 1) if expansion == 4 else (3, 3)
            outs = (planes, planes, planes * 4) if expansion == 4 else (planes, planes)
            ins = (width, *outs[:-1])
            for number, (size, into, out) in enumerate(zip(kernels, ins, outs), 1):
                add(f"{prefix}.conv{number}", f"{prefix}.bn{number}", (out, into, size, size))
            if block == 0 and (stage > 1 or expansion == 4):
                downsample = f"{prefix}.downsample"
                add(f"{downsample}.0", f"{downsample}.1", (outs[-1], width, 1, 1))
            width = outs[-1]
    return state


def torch_network(depth: int):
    """`torchvision.models.resnet<depth>` without its classifier, after its source."""
    from torch import nn

    blocks, expansion = PLANS[depth]

    class Block(nn.Module):
        """BasicBlock (expansion 1) or Bottleneck (expansion 4, stride in the 3x3)."""

        def __init__(self, width: int, planes: int, stride: int):
            super().__init__()
            out = planes * expansion
            if expansion == 4:
                self.conv1 = nn.Conv2d(width, planes, 1, bias=False)
                self.conv2 = nn.Conv2d(planes, planes, 3, stride, 1, bias=False)
                self.conv3 = nn.Conv2d(planes, out, 1, bias=False)
                self.bn3 = nn.BatchNorm2d(out)
            else:
                self.conv1 = nn.Conv2d(width, planes, 3, stride, 1, bias=False)
                self.conv2 = nn.Conv2d(planes, planes, 3, 1, 1, bias=False)
            self.bn1, self.bn2 = nn.BatchNorm2d(planes), nn.BatchNorm2d(planes)
            self.downsample = None
            if stride != 1 or width != out:
                self.downsample = nn.Sequential(
                    nn.Conv2d(width, out, 1, stride, bias=False), nn.BatchNorm2d(out)
                )

        def forward(self, x):
            identity = x if self.downsample is None else self.downsample(x)
            x = self.bn1(self.conv1(x)).relu()
            x = self.bn2(self.conv2(x))
            if expansion == 4:
                x = self.bn3(self.conv3(x.relu()))
            return (x + identity).relu()

    class ResNet(nn.Module):
        """The stem and four stages."""

        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
            self.bn1 = nn.BatchNorm2d(64)
            self.maxpool = nn.MaxPool2d(3, 2, 1)
            width = 64
            for stage, count in enumerate(blocks, 1):
                planes = 64 * 2 ** (stage - 1)
                layer = []
                for block in range(count):
                    stride = 2 if stage > 1 and block == 0 else 1
                    layer.append(Block(width, planes, stride))
                    width = planes * expansion
                setattr(self, f"layer{stage}", nn.Sequential(*layer))

        def forward(self, x):
            levels = {"C1": self.bn1(self.conv1(x)).relu()}
            x = self.maxpool(levels["C1"])
            for stage in range(1, 5):
                levels[f"C{stage + 1}"] = x = getattr(self, f"layer{stage}")(x)
            return levels

    return ResNet().eval()


def main() -> None:
    """Run all depths on seeded weights and images; store samples of every level."""
    import torch

    golden = {}
    for depth in PLANS:
        network = torch_network(depth)
        state = {name: torch.from_numpy(value) for name, value in seeded_state(depth).items()}
        report = network.load_state_dict(state, strict=False)
        if report.unexpected_keys or any("num_batches" not in k for k in report.missing_keys):
            raise SystemExit(f"resnet{depth}: the seeded weights do not fit: {report}")
        image = (seeded_image(depth) - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
        height, width = image.shape[:2]
        image = np.pad(image, ((0, -height % 32), (0, -width % 32), (0, 0)))
        with torch.no_grad():
            x = torch.from_numpy(image.transpose(2, 0, 1)[None].astype(np.float32))
            levels = network(x)
        for level, value in levels.items():
            flat = value.numpy().transpose(0, 2, 3, 1).ravel()
            places = np.linspace(0, flat.size - 1, SAMPLES).astype(int)
            golden[f"{depth}/{level}"] = flat[places]
            golden[f"{depth}/{level}/moments"] = np.array([flat.mean(), flat.std()], np.float32)
    np.savez_compressed(GOLDEN, **golden)


if __name__ == "__main__":
    main()
