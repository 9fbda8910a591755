"""`coco.csv` of a benchmark: detection scored by class, from predictions kept as run lengths."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nanozoo.core.coco import CocoTable, decode_runs
from nanozoo.core.errors import UserError
from nanozoo.core.files import write_text
from nanozoo.core.instances import Instances, instance_of
from nanozoo.data.samples import Sample
from nanozoo.evaluate.dataset import CLASS_COLUMNS, DatasetScores
from nanozoo.workflows.benchmark_methods import Method, Network

Row = dict[str, Any]
Key = tuple[str, str, str]

COCO_COLUMNS = ("dataset", "method", *CLASS_COLUMNS)
"""Columns of `coco.csv`."""


class PredictionFiles:
    """Predicted particles of a benchmark, a COCO file with scores an image and method.

    Args:
        folder: Folder of the benchmark; the files go into its `predictions/`.
    """

    def __init__(self, folder: str | Path):
        self.folder = Path(folder) / "predictions"

    def write(self, key: Key, predicted: Instances) -> None:
        """Keep the particles that a method found in an image.

        Args:
            key: Dataset, image and method.
            predicted: Particles with classes and scores; they may overlap.

        Raises:
            UserError: If the file cannot be written.
        """
        highest = max((item.class_id for item in predicted), default=1)
        table = CocoTable([f"class {number}" for number in range(1, highest + 1)])
        table.add(key[1], predicted, scored=True)
        write_text(self._path(key), table.text())

    def read(self, key: Key) -> Instances:
        """The particles as they were kept.

        Raises:
            UserError: If the file is missing or damaged.
        """
        path = self._path(key)
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            (image,) = content["images"]
            items = [
                instance_of(
                    decode_runs(found["segmentation"]),
                    found["category_id"],
                    found["score"],
                )
                for found in content["annotations"]
            ]
            return Instances((image["height"], image["width"]), items)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UserError(
                f"The predictions {path} of an earlier run are missing or damaged: run the "
                "benchmark again without resuming."
            ) from error

    def _path(self, key: Key) -> Path:
        dataset, image, method = key
        return self.folder / dataset / method / f"{image}_instances.json"


def coco_rows(
    files: PredictionFiles, samples: Sequence[Sample], methods: Sequence[Method], done: set[Key]
) -> list[Row]:
    """Score the predictions of a benchmark by dataset, method and class.

    Images whose ground truth tells no particles apart are left out. Classes are scored one by
    one where the network and the dataset name the same ones, otherwise all particles count as
    one class.

    Args:
        files: The predictions.
        samples: The images.
        methods: The methods.
        done: Dataset, image and method of every prediction that was kept.

    Returns:
        Rows of `COCO_COLUMNS`, datasets and methods in the order they were given.

    Raises:
        UserError: If ground truth or a prediction is missing or damaged.
    """
    known = {method.name: _method_classes(method) for method in methods}
    scores: dict[tuple[str, str], DatasetScores] = {}
    for sample in samples:
        keys = [(sample.dataset, sample.name, name) for name in known]
        keys = [key for key in keys if key in done]
        truth = sample.truth().instances if keys else None
        if truth is None:
            continue
        own = sample.classes
        for key in keys:
            place = (sample.dataset, key[2])
            if place not in scores:
                classes = shared_classes(own, known[key[2]])
                scores[place] = DatasetScores(classes or ("particle",), single=not classes)
            scores[place].add(truth, files.read(key))
    datasets = list(dict.fromkeys(dataset for dataset, _ in scores))
    return [
        {"dataset": dataset, "method": name} | row
        for dataset in datasets
        for name in known
        if (dataset, name) in scores
        for row in scores[dataset, name].rows()
    ]


def shared_classes(dataset: Sequence[str], method: Sequence[str]) -> tuple[str, ...]:
    """Classes that a method is scored on one by one.

    Args:
        dataset: Names of classes 1, 2, ... of the ground truth.
        method: Names of classes 1, 2, ... of the method.

    Returns:
        The names if both have the same several ones in one order, else none.
    """
    return tuple(dataset) if len(dataset) > 1 and tuple(dataset) == tuple(method) else ()


def _method_classes(method: Method) -> tuple[str, ...]:
    if not isinstance(method, Network):
        return ()
    from nanozoo.models.checkpoint import open_checkpoint

    return open_checkpoint(method.checkpoint).classes[1:]
