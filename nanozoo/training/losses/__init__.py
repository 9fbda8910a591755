"""Losses of segmentation networks, on probabilities, computed in float32; one import line each."""

from nanozoo.training.losses.base import SegmentationLoss, get_loss
from nanozoo.training.losses.boundary_distance import BoundaryDistance
from nanozoo.training.losses.boundary_map import BoundaryLoss
from nanozoo.training.losses.cldice import ClDice
from nanozoo.training.losses.cross_entropy_dice import CrossEntropyDice
from nanozoo.training.losses.focal import Focal
from nanozoo.training.losses.lovasz import Lovasz
from nanozoo.training.losses.tversky import FocalTversky, Tversky

__all__ = [
    "BoundaryDistance",
    "BoundaryLoss",
    "ClDice",
    "CrossEntropyDice",
    "Focal",
    "FocalTversky",
    "Lovasz",
    "SegmentationLoss",
    "Tversky",
    "get_loss",
]
