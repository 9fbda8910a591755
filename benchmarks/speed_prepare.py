"""What must be there before networks of ours are timed: files, and the count of operations.

A process of its own, so that a timed one that needs no keras does not import it.
"""

from __future__ import annotations

import math
from pathlib import Path

from speed_flops import count_flops
from speed_protocol import read_arguments, serve


def main() -> None:
    """Save a new network where asked to, convert it where an engine wants that, and count."""
    arguments = read_arguments()
    import keras

    import nanozoo.models  # noqa: F401  (fills the registry)
    from nanozoo.checkpoints.config import open_checkpoint
    from nanozoo.core.registry import MODELS
    from nanozoo.engines.runtimes.converted import KINDS, converted
    from nanozoo.models.checkpoint import save_checkpoint

    checkpoint, new = arguments["checkpoint"], arguments.get("new")
    if new and not Path(checkpoint).exists():
        keras.utils.set_random_seed(0)
        save_checkpoint(
            MODELS.get(new)((None, None, 1)), checkpoint, name=new, builder=new, arguments={}
        )
    opened = open_checkpoint(checkpoint)
    tags = MODELS.entry(opened.model).tags
    converts = any(kind in tags for kind in KINDS)
    if converts and arguments["convert"]:
        converted(opened)
    side = opened.inference.get("size", arguments["side"])
    model = opened.build((side, side, opened.arguments.get("channels", 1)))
    about = {
        "flops": lambda: count_flops(model) or 0,
        "parameters": lambda: sum(math.prod(one.shape) for one in model.trainable_weights),
        "side": lambda: side,
        "converts": lambda: int(converts),
        "quantises": lambda: int("segmentation" in tags and not new),
        "channels": lambda: model.input.shape[-1],
    }
    serve(opened.name, about)


if __name__ == "__main__":
    main()
