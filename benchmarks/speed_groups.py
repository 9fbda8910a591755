"""Which processes are timed against which."""

from __future__ import annotations

import argparse
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import speed_training
from speed_protocol import Worker
from speed_table import Group, Row, missing_row

import nanozoo.engines.runtimes  # noqa: F401  (fills the registry)
from nanozoo.core.registry import ENGINES
from nanozoo.engines.runtimes.base import PRECISIONS

DECODERS = ("unet", "fpn", "linknet")
"""Networks that segmentation_models.pytorch has, too."""

MODULES = {
    "smp": ("segmentation_models_pytorch", "pip install segmentation-models-pytorch"),
    "torchvision": ("torchvision", "pip install torch torchvision"),
    "imagedataextractor": (
        "imagedataextractor",
        "pip install torch pillow; pip install --no-deps imagedataextractor",
    ),
}
"""Module of each peer, and the command that installs it."""


class Makers:
    """Make the groups that a command line asks for.

    Args:
        options: Of `bench_speed.py`.
        folder: Where images and new networks are put.
    """

    def __init__(self, options: argparse.Namespace, folder: Path):
        self.options = options
        self.folder = folder
        self.threads = {"threads": options.threads}
        self.missing: list[Row] = []

    def groups(self) -> Iterator[Group]:
        """The groups, one after another; close each before the next."""
        make = {
            "none": self._checkpoints,
            "smp": self._smp,
            "torchvision": self._torchvision,
            "imagedataextractor": self._imagedataextractor,
        }
        return make[self.options.peer]()

    def _checkpoints(self) -> Iterator[Group]:
        for name in self.options.checkpoints:
            for side in self.options.sides:
                yield self._ours(name, {"checkpoint": name}, side)

    def _smp(self) -> Iterator[Group]:
        for name in self.options.networks:
            about = {"checkpoint": str(self.folder / name), "new": name}
            group = self._ours(name, about, self.options.sides[0])
            group.images["train"] = speed_training.CROPS
            image = str(self.folder / f"{group.side}x1.npy")
            yield self._beside(
                group,
                [
                    {"new": name, "layout": layout, "image": image}
                    for layout in ("contiguous_format", "channels_last")
                ],
            )

    def _torchvision(self) -> Iterator[Group]:
        case = {
            "side": self.options.sides[0],
            "train_side": self.options.train_side,
            "instances": self.options.instances,
            **self.threads,
        }
        ours = [
            Worker(
                "speed_maskrcnn.py",
                {
                    **case,
                    "engine": engine,
                    "precision": precision,
                    "jit": backend in self.options.jit,
                },
                backend=backend,
            )
            for backend in self.options.backends
            for engine, precision in self._engines(backend == "tensorflow", False)
        ]
        group = Group(
            "maskrcnn, resnet50", case["side"], ours, ours[:1], {"predict": 1, "train": 2}
        )
        yield self._beside(group, [case])

    def _imagedataextractor(self) -> Iterator[Group]:
        for name in self.options.checkpoints:
            about = {"checkpoint": name, "particles": True}
            group = self._ours(name, about, self.options.sides[0])
            group.flops.clear()
            image = str(self.folder / f"{group.side}x1.npy")
            yield self._beside(
                group, [{"bayesian": draws, "image": image} for draws in (False, True)]
            )

    def _beside(self, group: Group, about: Sequence[dict]) -> Group:
        """The group with a process of the peer for each of `about`, or a row that says why not."""
        peer, python = self.options.peer, self.options.peer_python
        module, install = MODULES[peer]
        code = f"import importlib.util as u, sys; sys.exit(u.find_spec({module!r}) is None)"
        if subprocess.run([python, "-c", code]).returncode:
            text = f"{peer}, not installed: {install}"
            self.missing.append(missing_row(group.network, group.side, text))
            return group
        peers = [
            Worker(f"speed_{peer}.py", {**self.threads, **one}, python=python) for one in about
        ]
        group.workers += peers
        group.reference = peers
        return group

    def _precisions(self, engine: str) -> list[str]:
        """Precisions of an engine that are asked for."""
        asked = self.options.precisions or PRECISIONS
        return [
            name for name in PRECISIONS if name in asked and name in ENGINES.entry(engine).tags
        ]

    def _engines(self, converts: bool, quantises: bool) -> list[tuple[str, str]]:
        """Engines and precisions, keras in float32 first, of a network that may allow keras alone.

        Args:
            converts: Whether other engines run it.
            quantises: Whether it answers in int8 nearly as in float32.
        """
        names = sorted(ENGINES.names(), key=lambda name: name != "keras")
        if self.options.engines:
            names = [name for name in names if name in self.options.engines]
        return [
            (name, precision)
            for name in names
            if not ENGINES.entry(name).card.missing and (converts or name == "keras")
            for precision in self._precisions(name)
            if quantises or precision != "int8"
        ]

    def _ours(self, network: str, about: dict, side: int) -> Group:
        """A group of our engines on one network."""
        wants = {**about, **self.threads, "side": side}
        every = self._engines(True, True)
        prepare = Worker(
            "speed_prepare.py",
            {
                **wants,
                "convert": any(name != "keras" for name, _ in every),
                "quantise": any(precision == "int8" for _, precision in every),
            },
        )
        known = {name: int(prepare.ask(name)["value"]) for name in prepare.tasks}
        prepare.close()
        side, image = known["side"], self._image(known["side"], known["channels"])
        workers = [
            Worker(
                "speed_nanozoo.py",
                {**wants, "image": str(image), "engine": engine, "precision": precision},
            )
            for engine, precision in self._engines(known["converts"] > 0, known["quantises"] > 0)
        ]
        group = Group(network, side, workers, workers[:1])
        for worker in workers:
            group.parameters[worker] = known["parameters"]
            if known["flops"]:
                group.flops[worker] = known["flops"]
        return group

    def _image(self, side: int, channels: int) -> Path:
        """File with a simulated micrograph `(1, side, side, channels)` float32 in [0, 1]."""
        from nanozoo.io.micrograph import normalise
        from nanozoo.synth import random_config, simulate

        path = self.folder / f"{side}x{channels}.npy"
        if not path.exists():
            scene = simulate(random_config(0, shape=(side, side)), 0)
            grey = normalise(scene.pixels).astype(np.float32)
            np.save(path, np.repeat(grey[None, ..., None], channels, axis=-1))
        return path
