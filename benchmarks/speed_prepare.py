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
        "quantises": lambda: int(
            arguments["quantise"] and "segmentation" in tags and does_in_int8(opened)
        ),
        "channels": lambda: model.input.shape[-1],
    }
    serve(opened.name, about)


def does_in_int8(checkpoint) -> bool:
    """Whether every engine of 8-bit integers takes a network, which some change too much."""
    from nanozoo.core.errors import UserError
    from nanozoo.core.registry import ENGINES
    from nanozoo.engines.runtimes.base import open_engine

    try:
        for name in ENGINES.names("int8"):
            if not ENGINES.entry(name).card.missing:
                open_engine(name, checkpoint, "int8")
    except UserError:
        return False
    return True


if __name__ == "__main__":
    main()
