"""Make the simulated micrographs of examples/micrographs again.

python examples/make_micrographs.py
"""

from __future__ import annotations

import argparse
from pathlib import Path

from nanozoo.synth.config import SceneConfig
from nanozoo.synth.scene import simulate
from nanozoo.synth.write import write_named_scenes

SHAPE = (512, 512)

SCENES: dict[str, tuple[SceneConfig, int]] = {
    "bf-tem_spheres": (
        SceneConfig(
            SHAPE,
            "bf-tem",
            shapes=("sphere", "polyhedron"),
            size_distribution="poly",
            mean_diameter=38.0,
            size_spread=0.12,
            coverage=0.22,
            overlap="touching",
            cluster_size=9.0,
            contrast=0.8,
            contrast_spread=0.15,
            roughness=0.01,
            brightness=0.72,
            dose=1200.0,
            defocus=1.0,
            support_texture=0.02,
            texture_scale=2.0,
            scale_bar="box",
            thickness_gradient=0.15,
            grain=0.06,
            pixel_size_nm=0.5,
        ),
        12,
    ),
    "bf-tem_overlapping": (
        SceneConfig(
            SHAPE,
            "bf-tem",
            shapes=("ellipsoid", "sphere"),
            size_distribution="poly",
            mean_diameter=58.0,
            size_spread=0.2,
            coverage=0.3,
            overlap="free",
            cluster_size=7.0,
            contrast=0.45,
            contrast_spread=0.1,
            brightness=0.78,
            dose=900.0,
            defocus=1.2,
            support_texture=0.02,
            thickness_gradient=0.1,
            scale_bar="box",
            pixel_size_nm=1.0,
        ),
        7,
    ),
    "bf-stem_cubes": (
        SceneConfig(
            SHAPE,
            "bf-stem",
            shapes=("cube",),
            size_distribution="mono",
            mean_diameter=52.0,
            coverage=0.3,
            overlap="touching",
            cluster_size=30.0,
            contrast=0.65,
            contrast_spread=0.35,
            brightness=0.85,
            dose=900.0,
            support_texture=0.01,
            debris=0.3,
            scale_bar="line",
            pixel_size_nm=0.8,
        ),
        4,
    ),
    "haadf-stem_bimodal": (
        SceneConfig(
            SHAPE,
            "haadf-stem",
            shapes=("sphere", "polyhedron"),
            size_distribution="bimodal",
            mean_diameter=22.0,
            size_ratio=3.0,
            coverage=0.16,
            overlap="touching",
            cluster_size=3.0,
            contrast=0.85,
            roughness=0.03,
            brightness=0.5,
            dose=500.0,
            support_texture=0.06,
            texture_scale=4.0,
            thickness_gradient=0.2,
            scale_bar="box",
            pixel_size_nm=0.1,
        ),
        5,
    ),
    "laadf-stem_rods": (
        SceneConfig(
            SHAPE,
            "laadf-stem",
            shapes=("rod",),
            size_distribution="poly",
            mean_diameter=40.0,
            size_spread=0.15,
            coverage=0.16,
            overlap="touching",
            cluster_size=4.0,
            contrast=0.6,
            contrast_spread=0.2,
            brightness=0.7,
            dose=700.0,
            support_texture=0.04,
            pixel_size_nm=0.4,
        ),
        21,
    ),
    "sem_particles": (
        SceneConfig(
            SHAPE,
            "sem",
            shapes=("sphere", "ellipsoid", "cube"),
            size_distribution="poly",
            mean_diameter=60.0,
            size_spread=0.3,
            coverage=0.35,
            overlap="free",
            cluster_size=3.5,
            contrast=0.6,
            roughness=0.02,
            brightness=0.75,
            dose=900.0,
            support_texture=0.05,
            texture_scale=2.0,
            grain=0.12,
            scale_bar="ticks",
            info_bar="dark",
            pixel_size_nm=10.0,
        ),
        14,
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "micrographs")
    folder = parser.parse_args().out
    scenes = ((stem, simulate(config, seed)) for stem, (config, seed) in SCENES.items())
    for stem in write_named_scenes(folder, scenes):
        print(folder / "images" / f"{stem}.png")


if __name__ == "__main__":
    main()
