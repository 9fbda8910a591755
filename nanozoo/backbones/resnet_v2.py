"""ResNets of version 2, which normalise before each convolution, of `keras.applications`."""

from __future__ import annotations

from keras import applications

from nanozoo.backbones.applications import CENTRE, Application, register_applications


def levels(blocks: tuple[int, int, int]) -> dict[str, str]:
    """Layers that end the levels, by the blocks of stages 2 to 4.

    The last block of such a stage halves the map, so a level ends one block before.
    """
    ends = {
        f"C{stage}": f"conv{stage}_block{count - 1}_out" for stage, count in enumerate(blocks, 2)
    }
    return {"C1": "conv1_conv", **ends, "C5": "post_relu"}


APPLICATIONS = {
    f"resnet{depth}_v2": Application(
        f"ResNet-{depth} V2",
        network,
        (64, 256, 512, 1024, 2048),
        levels(blocks),
        mean=CENTRE,
        std=CENTRE,
    )
    for depth, network, blocks in (
        (50, applications.ResNet50V2, (3, 4, 6)),
        (101, applications.ResNet101V2, (3, 4, 23)),
    )
}

register_applications(APPLICATIONS, "He et al. 2016, https://doi.org/10.1007/978-3-319-46493-0_38")
