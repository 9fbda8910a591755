"""What a simulated micrograph is made of: one frozen record of settings."""

from __future__ import annotations

from dataclasses import dataclass, field

from nanozoo.core.checks import check_choice, check_int, check_positive, check_range
from nanozoo.core.errors import UserError
from nanozoo.synth.effects import Effects

MODALITIES = ("bf-tem", "bf-stem", "haadf-stem", "laadf-stem", "sem")
SHAPES = ("sphere", "ellipsoid", "rod", "cube", "polyhedron")
SIZE_DISTRIBUTIONS = ("mono", "poly", "bimodal")
OVERLAPS = ("none", "touching", "free")
LAYOUTS = ("scattered", "stacks", "coated", "core-shell")
_THROUGH = ("coated", "core-shell")
SCALE_BARS = ("none", "line", "caps", "box", "ticks")
INFO_BARS = ("none", "dark", "light")

_FRACTIONS = (
    "size_spread",
    "brightness",
    "support_texture",
    "thickness_gradient",
    "roughness",
    "raggedness",
    "contrast_spread",
    "core_contrast",
    "debris",
    "grain",
)


@dataclass(frozen=True)
class SceneConfig:
    """Settings of a simulated micrograph; the seed is given apart.

    Args:
        shape: `(height, width)` of the image, px; each at least 32.
        modality: "bf-tem", "bf-stem", "haadf-stem", "laadf-stem" or "sem".
        layout: "scattered" (by `overlap`), "stacks" (pairs and triples that lie over one
            another by a mask IoU of at most 0.5, apart from other stacks), "coated"
            (three classes: grains of silicate, some under a coating, and silica on them;
            in transmission only) or "core-shell" (two classes; `shapes` are those of the
            cores, sizes those of whole particles; in transmission only). "stacks" and
            "coated" go by sizes, number and coverage, and take no notice of `overlap` and
            `cluster_size`; "coated" none of `shapes` either.
        shapes: Particle shapes to draw from with equal chance: "sphere", "ellipsoid",
            "rod", "cube", "polyhedron"; repeat a name to give it more weight.
        size_distribution: "mono", "poly" (lognormal) or "bimodal" (two narrow modes).
        mean_diameter: Mean area-equivalent diameter, px, at least 3.
        size_spread: Standard deviation over mean of "poly" sizes, in [0, 1].
        size_ratio: Large over small mean diameter of "bimodal" sizes.
        number: Particles to place, or None to go by `coverage`.
        coverage: Sum of the particle areas over the image area, in (0, 2].
        overlap: "none" (apart by at least 2 px), "touching" (clusters in contact, masks
            disjoint) or "free" (particles may lie over one another).
        gap: Pixels kept free around each particle of a "touching" cluster, as ligands do; if
            negative, particles may lie over the rims of others, this far.
        cluster_size: Mean number of particles of a cluster where they touch or overlap.
        contrast: `1 - dark/bright` between a mean particle's thickest point and the
            support, in (0, 1).
        contrast_spread: Relative spread of contrast between particles, in [0, 1].
        core_contrast: How much lighter a particle's core is than its shell, in [0, 1].
        roughness: Relative amplitude of irregularities of outlines, in [0, 1].
        raggedness: Relative amplitude of irregularities of the outlines of "scattered"
            particles that are finer than those of `roughness`, in [0, 1].
        brightness: Grey level of the brighter of support and mean particle, in (0, 1].
        dose: Electrons counted per pixel at full brightness; `float("inf")` is noise free.
        defocus: Standard deviation of the blur, px, 0 or more; in "bf-tem" it also makes
            bright fringes, unless `effects` have a contrast transfer, which makes its own.
        support_texture: Relative standard deviation of the support's grey, in [0, 1].
        texture_scale: Correlation length of the support texture, px.
        thickness_gradient: Relative change of the support across the image, in [0, 1].
        debris: Density of faint smudges that are no particles, in [0, 1].
        grain: Relative texture inside of particles (their surface for "sem"), in [0, 1].
        scale_bar: "none", "line", "caps", "box" (on an opaque label) or "ticks".
        info_bar: "none", "dark" or "light": opaque strip at the bottom, which hides
            particles; the scale bar is drawn in it.
        panel_label: Letters at the top left as in a figure, or "".
        lettering: Size of letters and scale bars over the usual one, in [0.2, 5].
        pixel_size_nm: Size of a pixel, nm.
        bit_depth: 8 or 16.
        effects: Effects of instrument and specimen, see `nanozoo.synth.effects.Effects`.

    Raises:
        UserError: If a value is outside of its range.

    Example:
        >>> from nanozoo import SceneConfig, simulate
        >>> config = SceneConfig((128, 128), "sem", number=5, mean_diameter=16, pixel_size_nm=2.0)
        >>> scene = simulate(config, seed=0)
        >>> scene.pixels.shape, len(scene.instances)
        ((128, 128), 5)
    """

    shape: tuple[int, int] = (256, 256)
    modality: str = "bf-tem"
    layout: str = "scattered"
    shapes: tuple[str, ...] = ("sphere",)
    size_distribution: str = "mono"
    mean_diameter: float = 24.0
    size_spread: float = 0.25
    size_ratio: float = 2.5
    number: int | None = None
    coverage: float = 0.2
    overlap: str = "none"
    gap: int = 0
    cluster_size: float = 8.0
    contrast: float = 0.6
    contrast_spread: float = 0.1
    core_contrast: float = 0.0
    roughness: float = 0.0
    raggedness: float = 0.0
    brightness: float = 0.75
    dose: float = 200.0
    defocus: float = 0.7
    support_texture: float = 0.03
    texture_scale: float = 3.0
    thickness_gradient: float = 0.05
    debris: float = 0.0
    grain: float = 0.03
    scale_bar: str = "line"
    info_bar: str = "none"
    panel_label: str = ""
    lettering: float = 1.0
    pixel_size_nm: float = 1.0
    bit_depth: int = 8
    effects: Effects = field(default_factory=Effects)

    def __post_init__(self) -> None:
        for side in self.shape:
            check_int("shape", side, 32)
        check_choice("modality", self.modality, MODALITIES)
        check_choice("layout", self.layout, LAYOUTS)
        if self.layout in _THROUGH and self.modality == "sem":
            raise UserError(
                "Expected a `modality` in transmission, because a coating hides its core from "
                f"\"sem\". Received: layout={self.layout!r}, modality='sem'"
            )
        if not self.shapes:
            raise UserError("Expected `shapes` to name at least one shape. Received: shapes=()")
        for shape in self.shapes:
            check_choice("shapes", shape, SHAPES)
        check_choice("size_distribution", self.size_distribution, SIZE_DISTRIBUTIONS)
        check_choice("overlap", self.overlap, OVERLAPS)
        check_choice("scale_bar", self.scale_bar, SCALE_BARS)
        check_choice("info_bar", self.info_bar, INFO_BARS)
        check_choice("bit_depth", self.bit_depth, (8, 16))
        if self.number is not None:
            check_int("number", self.number, 0)
        if self.effects.jpeg_quality and self.bit_depth != 8:
            raise UserError(
                "Expected `bit_depth` 8 with a `jpeg_quality`, because JPEG files have 8 bits. "
                f"Received: bit_depth={self.bit_depth!r}"
            )
        check_int("gap", self.gap, -100)
        for name in ("brightness", "texture_scale", "pixel_size_nm", "cluster_size", "coverage"):
            check_positive(name, getattr(self, name))
        for name in _FRACTIONS:
            check_range(name, getattr(self, name), 0.0, 1.0)
        check_range("contrast", self.contrast, 0.005, 0.995)
        check_range("coverage", self.coverage, 0.0, 2.0)
        check_range("mean_diameter", self.mean_diameter, 3.0, 4096.0)
        check_range("size_ratio", self.size_ratio, 1.0, 10.0)
        check_range("dose", self.dose, 1.0, float("inf"))
        check_range("defocus", self.defocus, 0.0, 50.0)
        check_range("lettering", self.lettering, 0.2, 5.0)
