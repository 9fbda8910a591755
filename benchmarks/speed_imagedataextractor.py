"""ImageDataExtractor's particle segmentation as a process that `bench_speed.py` talks to.

Its package imports a reader of articles that no longer installs with it; only the part that
segments is imported here, so `pip install --no-deps imagedataextractor` beside torch is enough.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec, module_from_spec

import numpy as np
from speed_protocol import read_arguments, serve


def main() -> None:
    """Load the network; find particles when asked to."""
    arguments = read_arguments()
    import torch

    torch.set_num_threads(arguments["threads"])
    sys.modules["imagedataextractor"] = module_from_spec(find_spec("imagedataextractor"))
    from imagedataextractor.segment import ParticleSegmenter

    segmenter = ParticleSegmenter(bayesian=arguments["bayesian"])
    grey = np.load(arguments["image"])[0]
    image = np.repeat((255 * grey).astype(np.uint8), 3, axis=-1)

    def predict() -> int:
        with torch.inference_mode():
            return int(segmenter.segment(image)[0].max())

    def flops() -> int:
        from torch.utils.flop_counter import FlopCounterMode

        with torch.inference_mode(), FlopCounterMode(display=False) as counter:
            segmenter.segment(image)
        return counter.get_total_flops()

    network = segmenter.seg_model
    tasks = {
        "predict": predict,
        "flops": flops,
        "parameters": lambda: sum(value.numel() for value in network.parameters()),
    }
    kind = "30 draws" if arguments["bayesian"] else "one draw"
    serve(f"ImageDataExtractor, {kind}", tasks)


if __name__ == "__main__":
    main()
