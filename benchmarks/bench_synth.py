"""Simulated scenes per second on one core.

OMP_NUM_THREADS=1 python benchmarks/bench_synth.py
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

import cv2

from nanozoo.synth.config import SceneConfig
from nanozoo.synth.presets import PRESETS, preset_config, preset_modalities
from nanozoo.synth.randomise import random_config
from nanozoo.synth.realistic import realistic_config
from nanozoo.synth.scene import simulate


def scenes_per_second(configs: list[SceneConfig]) -> float:
    """Scenes per second of processor time, so that other load on the machine counts little."""
    start = time.process_time()
    for seed, config in enumerate(configs):
        simulate(config, seed)
    return len(configs) / (time.process_time() - start)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100, help="scenes a row")
    count = parser.parse_args(arguments).count
    cv2.setNumThreads(1)
    cases = {
        "random_config": [random_config(seed) for seed in range(count)],
        "realistic_config": [realistic_config(seed) for seed in range(count)],
    }
    for preset in PRESETS:
        seen_in = preset_modalities(preset)
        cases[preset] = [
            preset_config(preset, seen_in[index % len(seen_in)], seed=index)
            for index in range(count)
        ]
    print(f"{'256x256 scenes':16s} scenes/s")
    for name, configs in cases.items():
        print(f"{name:16s} {scenes_per_second(configs):8.1f}")


if __name__ == "__main__":
    main()
