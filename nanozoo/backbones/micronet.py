"""MicroNet: encoders that NASA trained to tell classes of micrographs apart."""

from __future__ import annotations

import numpy as np

from nanozoo.core.downloads import Download, fetch
from nanozoo.core.torch_file import read_state_dict

FOLDER = "https://nasa-public-data.s3.amazonaws.com/microscopy_segmentation_models"

# NASA publishes no hashes. The one of ResNet-50 is what others who downloaded the file recorded;
# the others are those of the first download. Only ResNet-50 has a version 1.1.
RESNETS = {
    18: Download(f"{FOLDER}/resnet18_pretrained_microscopynet_v1.0.pth.tar"),
    34: Download(f"{FOLDER}/resnet34_pretrained_microscopynet_v1.0.pth.tar"),
    50: Download(
        f"{FOLDER}/resnet50_pretrained_microscopynet_v1.1.pth.tar",
        "866d748420c99ccdd2ab988f2dcba12a5070b7c909d26bb3897a1ef65dca7402",
    ),
    101: Download(f"{FOLDER}/resnet101_pretrained_microscopynet_v1.0.pth.tar"),
}


def micronet_resnet(depth: int) -> dict[str, np.ndarray]:
    """Read the state dict of a ResNet that was trained on MicroNet from random weights.

    It expects colours normalised as for ImageNet and has a classifier "fc". The code and, by its
    model cards, the weights are under the MIT licence.

    Args:
        depth: 18, 34, 50 or 101.

    Returns:
        Arrays by torchvision's names.

    Raises:
        UserError: If the file cannot be downloaded or is not the file that it should be.

    References:
        Stuckner, Harder, Smith 2022, https://doi.org/10.1038/s41524-022-00878-5;
        https://github.com/nasa/pretrained-microscopy-models
    """
    return read_state_dict(fetch(RESNETS[depth]))
