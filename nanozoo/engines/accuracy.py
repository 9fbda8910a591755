"""How far less exact numbers change what is found in simulated scenes, and how far they may."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.spatial.distance import jaccard

from nanozoo.core.progress import Counter

if TYPE_CHECKING:
    from nanozoo.synth import Scene

MOST_JSC_CHANGE = {"float32": 0.002, "bfloat16": 0.002, "int8": 0.01}
"""Largest change of the mean JSC from keras in float32 that is put up with, by precision."""

SCENES = 8
"""Simulated scenes that are compared unless told otherwise."""

SIDE = 192
"""Side of the simulated scenes, px."""

Answer = Callable[[np.ndarray], np.ndarray]
"""From pixels as stored `(H, W)` to `(H, W, K)`: probabilities of the classes, then of a boundary,
or of a detector the score of the surest particle at each pixel."""


def scenes_of(seed: int, count: int) -> Iterator[Scene]:
    """Simulate scenes of `SIDE` px with the seeds from `seed` on."""
    from nanozoo.synth import realistic_config, simulate

    for number in range(seed, seed + count):
        config = realistic_config(number, shape=(SIDE, SIDE), annotated=False)
        yield simulate(config, number)


def compare(
    wanted: Answer,
    found: Answer,
    foreground: Callable[[np.ndarray], np.ndarray],
    scenes: int = SCENES,
    seed: int = 0,
    counter: Counter | None = None,
) -> dict[str, Any]:
    """Compare an answer with that of float32 on simulated scenes.

    Args:
        wanted: Answers in float32.
        found: Answers in other numbers, or of a file.
        foreground: From an answer to `(H, W)` bool.
        scenes: Number of scenes, 1 or more.
        seed: Seed of the first, 0 or more.
        counter: Told of every scene; None for nobody.

    Returns:
        Largest difference of a probability, and the mean JSC of both foregrounds with the truth.
    """
    largest, both = 0.0, []
    counter = counter or Counter(None, scenes)
    for scene in scenes_of(seed, scenes):
        counter.start(f"comparing on scene {scene.seed}")
        pair = wanted(scene.pixels), found(scene.pixels)
        largest = max(largest, float(np.abs(pair[1] - pair[0]).max()))
        truth = scene.instances.foreground().ravel()
        masks = (foreground(maps).ravel() for maps in pair)
        both.append([1 - float(jaccard(truth, mask)) for mask in masks])
        counter.finish()
    exact, less_exact = np.mean(both, axis=0).tolist()
    return {
        "scenes": scenes,
        "seed": seed,
        "side_px": SIDE,
        "largest_difference": largest,
        "jsc_keras_float32": exact,
        "jsc_file": less_exact,
        "jsc_change": less_exact - exact,
    }


def changes_too_much(compared: dict[str, Any], precision: str) -> bool:
    """Whether the JSC of `compare` changes by more than a precision may."""
    return not abs(compared["jsc_change"]) <= MOST_JSC_CHANGE[precision]
