"""The simulated scenes as a `tensorflow_datasets` builder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from nanozoo.core.registry import DATASETS
from nanozoo.data.datasets.card import PARTICLES, Card
from nanozoo.synth.config import MODALITIES
from nanozoo.synth.families import SCENES_PER_FAMILY, FamilyScene, family_scenes
from nanozoo.synth.presets import FIXED

CARD = Card(
    name="simulated_scenes",
    shows="Simulated micrographs of five presets in five modalities",
    annotation=PARTICLES,
    licence="none needed: made on your machine",
    homepage="",
    citation="",
    images=sum(SCENES_PER_FAMILY.values()) * len(FIXED) * len(MODALITIES),
)


@DATASETS.register(
    "simulated_scenes",
    tags=("simulated", "instances"),
    test_kwargs={"shape": (48, 48), "per_family": {"train": 2, "val": 1, "test": 1}},
    reference="nanozoo.synth, benchmarks/splits/synthetic.csv",
    known_failures="No lattice fringes; without the preset realistic no charging, drift or holes.",
    card=CARD,
)
def simulated_scenes(
    data_dir: str | Path | None = None,
    *,
    shape: tuple[int, int] = (256, 256),
    per_family: Mapping[str, int] = SCENES_PER_FAMILY,
    presets: Sequence[str] = FIXED,
):
    """Simulated micrographs of some presets in five modalities, with label images.

    Args:
        data_dir: Where prepared data lie; None for the place that tensorflow_datasets uses.
        shape: `(height, width)` of a scene, px.
        per_family: Scenes of each preset and modality in "train", "val" and "test".
        presets: Names of presets of one class, for example "realistic".

    Returns:
        A `tensorflow_datasets.core.GeneratorBasedBuilder`. After `download_and_prepare()`
        its examples hold `image` (H, W, 1) uint8; `labels` (H, W) int32, 0 is background,
        the front particle wins where particles overlap; `pixel_size_nm` float32; `name`.

    Example:
        >>> builder = simulated_scenes("scenes", shape=(64, 64))  # doctest: +SKIP
        >>> builder.download_and_prepare()  # doctest: +SKIP
        >>> train = builder.as_dataset(split="train")  # doctest: +SKIP
    """
    counts = "_".join(f"{split}{count}" for split, count in per_family.items())
    builder_class, config_class = _classes()
    chosen = "" if tuple(presets) == FIXED else "_" + "-".join(presets)
    config = config_class(
        name=f"{shape[0]}x{shape[1]}_{counts}{chosen}",
        description=f"{shape[0]} x {shape[1]} px, scenes a family: {dict(per_family)}",
        shape=tuple(shape),
        per_family=dict(per_family),
        presets=tuple(presets),
    )
    return builder_class(data_dir=str(data_dir) if data_dir else None, config=config)


@cache
def _classes() -> tuple[type, type]:
    """Builder and configuration; made once, when tensorflow_datasets is first needed."""
    import dataclasses

    import tensorflow_datasets as tfds

    @dataclasses.dataclass(kw_only=True)
    class SimulatedScenesConfig(tfds.core.BuilderConfig):
        """Size of the scenes and how many of each family a split has."""

        shape: tuple[int, int]
        per_family: dict[str, int]
        presets: tuple[str, ...]

    class SimulatedScenes(tfds.core.GeneratorBasedBuilder):
        """Simulated electron micrographs with exact ground truth."""

        VERSION = tfds.core.Version("1.0.0")
        # Nothing is downloaded, so there are no checksums to find beside the code; looking
        # for them would need importlib_resources, which tensorflow_datasets does not require.
        code_path = None

        def _info(self) -> tfds.core.DatasetInfo:
            height, width = self.builder_config.shape
            features = {
                "image": tfds.features.Image(shape=(height, width, 1), dtype=np.uint8),
                "labels": tfds.features.Tensor(
                    shape=(height, width), dtype=np.int32, encoding="zlib"
                ),
                "pixel_size_nm": tfds.features.Scalar(np.float32),
                "name": tfds.features.Text(),
            }
            return self.dataset_info_from_configs(features=tfds.features.FeaturesDict(features))

        def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict[str, Any]:
            scenes = family_scenes(self.builder_config.per_family, self.builder_config.presets)
            return {
                split: self._generate_examples([s for s in scenes if s.split == split])
                for split in self.builder_config.per_family
            }

        def _generate_examples(
            self, scenes: list[FamilyScene]
        ) -> Iterator[tuple[str, dict[str, Any]]]:
            for listed in scenes:
                scene = listed.simulate(self.builder_config.shape)
                yield (
                    listed.name,
                    {
                        "image": scene.pixels[..., None],
                        "labels": scene.instances.to_labels(),
                        "pixel_size_nm": scene.pixel_size_nm,
                        "name": listed.name,
                    },
                )

    return SimulatedScenes, SimulatedScenesConfig
