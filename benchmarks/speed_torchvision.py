"""Torchvision's Mask R-CNN as a process that `bench_speed.py` talks to; it needs no Keras."""

from __future__ import annotations

from functools import cache

import numpy as np
from speed_detection import LEARNING_RATE, LIMITS, MOMENTUM, NUM_CLASSES, Case
from speed_protocol import read_arguments, serve


def main() -> None:
    """Build the model; predict, train or count when asked to."""
    arguments = read_arguments()
    import torch
    from make_maskrcnn_reference import torch_detections, torch_model

    torch.manual_seed(0)
    torch.set_num_threads(arguments["threads"])
    case = Case(*(arguments[name] for name in ("side", "train_side", "instances")))
    detector = torch_model(case.state(), (case.side, case.side), NUM_CLASSES, LIMITS)
    image = case.image()

    @cache
    def training():
        side = case.train_side
        model = torch_model(case.state(), (side, side), NUM_CLASSES, LIMITS).train()
        optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE, momentum=MOMENTUM)
        batch = np.ascontiguousarray(case.batch().transpose(0, 3, 1, 2))
        truth = [{name: torch.from_numpy(v) for name, v in item.items()} for item in case.truth()]
        return model, optimizer, list(torch.from_numpy(batch)), truth

    def predict() -> dict[str, np.ndarray]:
        return torch_detections(detector, image)[0]

    def train() -> float:
        model, optimizer, images, truth = training()
        optimizer.zero_grad()
        loss = sum(model(images, truth).values())
        loss.backward()
        optimizer.step()
        return loss.item()

    def flops() -> int:
        from torch.utils.flop_counter import FlopCounterMode

        with FlopCounterMode(display=False) as counter:
            torch_detections(detector, image)
        return counter.get_total_flops()

    tasks = {
        "predict": predict,
        "train": train,
        "flops": flops,
        "parameters": lambda: sum(value.numel() for value in detector.parameters()),
    }
    serve(f"torchvision, torch {torch.__version__}", tasks)


if __name__ == "__main__":
    main()
