"""Options that say what finds the particles, of several commands."""

from __future__ import annotations

import argparse

import nanozoo.baselines  # noqa: F401  (fills the registry)
from nanozoo.cli.report import import_keras
from nanozoo.core.registry import BASELINES
from nanozoo.engines.runtimes.base import PRECISIONS
from nanozoo.engines.runtimes.choose import engine_names


def add_finder(parser: argparse.ArgumentParser) -> None:
    """Add `--checkpoint` or `--method`, `--flips`, `--engine` and `--precision`."""
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument(
        "--checkpoint",
        metavar="NAME",
        help="trained network: a name of `nanozoo models`, the folder that `nanozoo train` wrote, "
        "or several names joined by +, whose answers are averaged",
    )
    how.add_argument("--method", choices=BASELINES.names(), help="a method without a network")
    add_flips(parser)
    parser.add_argument(
        "--engine",
        choices=engine_names(),
        default="keras",
        help="what runs a network: keras (default), others that convert it once, or auto, which "
        "measures once what is fastest here",
    )
    parser.add_argument(
        "--precision",
        choices=PRECISIONS,
        default="float32",
        help="numbers that a network computes with; bfloat16 is faster on processors that have "
        "it, and less exact, and so is int8, which onnx and openvino have (default: float32)",
    )


def import_for(options: argparse.Namespace) -> None:
    """Import keras quietly where the network that was chosen runs on it."""
    if options.checkpoint and options.engine == "keras":
        import_keras()


def add_flips(parser: argparse.ArgumentParser) -> None:
    """Add `--flips`, None unless given."""
    parser.add_argument(
        "--flips",
        action="store_true",
        default=None,
        help="average what a network says over all turns and mirror images, which takes eight "
        "times as long",
    )


def add_scheduler(parser: argparse.ArgumentParser) -> None:
    """Add `--scheduler` and `--restart`."""
    parser.add_argument(
        "--scheduler",
        metavar="local|tcp://HOST:PORT",
        help="share the images out over the processor cores of this machine (local), or over the "
        "workers of a Dask scheduler, which must see the same folders",
    )
    parser.add_argument("--restart", action="store_true", help="do again what DIR holds already")
