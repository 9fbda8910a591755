"""A network of segmentation_models.pytorch as a process that `bench_speed.py` talks to."""

from __future__ import annotations

from functools import cache

import numpy as np
from speed_protocol import read_arguments, serve
from speed_training import CLASSES, LEARNING_RATE, batch

ENCODER = "timm-tf_efficientnet_lite0"
BUILDERS = {"unet": "Unet", "fpn": "FPN", "linknet": "Linknet"}


def main() -> None:
    """Build the network; predict, train or count when asked to."""
    arguments = read_arguments()
    import segmentation_models_pytorch as smp
    import torch

    torch.set_num_threads(arguments["threads"])
    layout = getattr(torch, arguments["layout"])
    image = np.load(arguments["image"])

    def build() -> torch.nn.Module:
        torch.manual_seed(0)
        builder = getattr(smp, BUILDERS[arguments["new"]])
        model = builder(ENCODER, encoder_weights=None, in_channels=1, classes=CLASSES)
        return model.to(memory_format=layout)

    def tensor(images: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(images.transpose(0, 3, 1, 2)).contiguous(memory_format=layout)

    network = build().eval()

    def predict() -> dict[str, np.ndarray]:
        with torch.inference_mode():
            probabilities = network(tensor(image)).softmax(dim=1)
            return {"classes": probabilities.permute(0, 2, 3, 1).contiguous().numpy()}

    @cache
    def training():
        images, labels = batch()
        pixels, wanted = tensor(images), torch.from_numpy(labels)
        model = build().train()
        optimizer = torch.optim.AdamW(model.parameters(), LEARNING_RATE)

        def step() -> float:
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(model(pixels), wanted)
            loss.backward()
            optimizer.step()
            return loss.item()

        return step

    def flops() -> int:
        from torch.utils.flop_counter import FlopCounterMode

        with torch.inference_mode(), FlopCounterMode(display=False) as counter:
            network(tensor(image))
        return counter.get_total_flops()

    tasks = {
        "predict": predict,
        "train": lambda: training()(),
        "flops": flops,
        "parameters": lambda: sum(value.numel() for value in network.parameters()),
    }
    place = arguments["layout"].replace("_format", "").replace("contiguous", "channels_first")
    serve(f"smp {smp.__version__}, torch {torch.__version__}, {place}", tasks)


if __name__ == "__main__":
    main()
