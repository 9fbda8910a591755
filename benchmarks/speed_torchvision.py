"""Torchvision's Mask R-CNN as a process that `bench_speed.py` talks to; it needs no Keras."""

from __future__ import annotations

import sys

import numpy as np
from speed_case import LEARNING_RATE, LIMITS, MOMENTUM, NUM_CLASSES, Case, limit_threads, serve


def main() -> None:
    """Build the model and answer; arguments: side, side in training, instances, threads."""
    side, train_side, instances, threads = map(int, sys.argv[1:])
    limit_threads(threads)
    case = Case(side, train_side, instances)

    import torch
    from make_maskrcnn_reference import torch_detections, torch_model

    torch.manual_seed(0)
    torch.set_num_threads(threads)
    state = case.state()
    detector = torch_model(state, (side, side), NUM_CLASSES, LIMITS)
    image = case.image()

    trained = torch_model(state, (train_side, train_side), NUM_CLASSES, LIMITS).train()
    optimizer = torch.optim.SGD(trained.parameters(), lr=LEARNING_RATE, momentum=MOMENTUM)
    images = list(torch.from_numpy(np.ascontiguousarray(case.batch().transpose(0, 3, 1, 2))))
    truth = [{name: torch.from_numpy(v) for name, v in item.items()} for item in case.truth()]

    def predict() -> dict[str, np.ndarray]:
        return torch_detections(detector, image)[0]

    def train() -> float:
        optimizer.zero_grad()
        loss = sum(trained(images, truth).values())
        loss.backward()
        optimizer.step()
        return loss.item()

    print(f"torchvision's Mask R-CNN, torch {torch.__version__}", flush=True)
    serve(predict, train)


if __name__ == "__main__":
    main()
