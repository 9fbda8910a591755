"""What a checkpoint does worst among many simulated pictures, as panels side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nanozoo import Embedder, Instances, Predictor, random_config, simulate
from nanozoo.data.shape_crops import ShapeCrops
from nanozoo.engines.shapes import ShapeClassifier
from nanozoo.evaluate.image import ImageTruth
from nanozoo.io.micrograph import normalise
from nanozoo.synth import Scene
from nanozoo.synth.foam_families import FoamSource
from nanozoo.synth.shape_source import ShapeSource
from nanozoo.viz.overlay import draw_overlay
from nanozoo.viz.panels import Panel

SEED = 9_700_000
"""First seed of the scenes; no training, choice or test uses those from here on."""

SIMULATED_AS = {"cube": "fcc_cube", "octahedron": "octahedron", "sphere": "circle"}
"""What stands for the classes of the checkpoint of real particles."""


@dataclass(frozen=True)
class Seen:
    """A scene and what a network makes of it.

    Args:
        seed: Of the scene.
        scene: The scene.
        instances: Particles that the network found.
        jsc: Jaccard coefficient of the foreground.
        f1: F1 of particles at an IoU of 0.5.
    """

    seed: int
    scene: Scene
    instances: Instances
    jsc: float
    f1: float

    def panels(self) -> list[Panel]:
        """The scene, its truth, and what was found."""
        pixels, truth = self.scene.pixels, self.scene.instances
        found = f"network: {len(self.instances)}, JSC {self.jsc:.2f}, F1 {self.f1:.2f}"
        return [
            Panel(f"seed {self.seed}", 255 * normalise(pixels)),
            Panel(f"truth: {len(truth)} particles", draw_overlay(pixels, truth)),
            Panel(found, draw_overlay(pixels, self.instances)),
        ]


def worst_scenes(name: str, scenes: int) -> tuple[list[list[Panel]], str]:
    """Two scenes on which a network of particles does badly.

    Args:
        name: Checkpoint.
        scenes: Scenes to try, of 256 px; those of fewer than five particles are left out.

    Returns:
        A row of panels for the scene of the lowest JSC and one for that of the lowest F1 among
        those whose JSC is not below the median, and a sentence about them.
    """
    predictor = Predictor(name)
    found = []
    for seed in range(SEED, SEED + scenes):
        scene = simulate(random_config(seed), seed=seed)
        if len(scene.instances) < 5:
            continue
        seen = predictor.segment(scene.pixels)
        truth = ImageTruth(scene.pixels, scene.instances.foreground(), scene.instances)
        scores, _ = truth.score(seen.foreground, seen.instances)
        found.append(Seen(seed, scene, seen.instances, scores["jsc"], scores["f1_50"]))
    middle = float(np.median([one.jsc for one in found]))
    area = min(found, key=lambda one: one.jsc)
    count = min((one for one in found if one.jsc >= middle), key=lambda one: one.f1)
    return [area.panels(), count.panels()], (
        f"Of {len(found)} scenes of `random_config` (256 px, seeds from {SEED}), which are as "
        "varied as that function allows. Above: the one of the lowest JSC. Below: of those whose "
        "JSC is not below the median, the one of the lowest F1 of particles: the right area, the "
        f"wrong particles. The median JSC is {middle:.2f}."
    )


def particle_sources(classes: Sequence[str], coarse: float) -> list[tuple[str, ShapeCrops, int]]:
    """A source of crops, and the label that it knows them by, for each class."""
    found = []
    for name in classes:
        drawn = SIMULATED_AS.get(name, name)
        kinds = [kind for kind in ("outline", "morphology") if drawn in ShapeSource(kind).classes]
        source = ShapeSource(kinds[0], SEED)
        found.append((name, ShapeCrops(source, coarse=coarse), source.classes.index(drawn)))
    return found


def confused_shapes(name: str, each: int, shown: int) -> tuple[list[list[Panel]], str]:
    """Particles that a shape CNN calls by a wrong name, those it is surest of first.

    Args:
        name: Checkpoint.
        each: Particles of each class to try, half of them of few pixels.
        shown: How many to show, six a row.

    Returns:
        Rows of panels and a sentence about them.
    """
    classifier = ShapeClassifier(name)
    wrong, total, unsure = [], 0, 0
    for label, crops, place in particle_sources(classifier.classes, coarse=0.5):
        step = len(crops.source.classes)
        batch = np.stack([crops.example(place + step * number)[0] for number in range(each)])
        answer = classifier.answer(batch)
        best = answer.probabilities.max(axis=1)
        total, unsure = total + each, unsure + int(np.sum(~answer.sure))
        wrong += [
            (-best[number], label, called, batch[number, ..., 0])
            for number, called in enumerate(answer.names)
            if answer.sure[number] and called != label
        ]
    wrong.sort(key=lambda one: one[:3])
    panels = [
        Panel(f"{label}\ncalled {called}, {-sure:.2f}".replace("_", " "), crop)
        for sure, label, called, crop in wrong[:shown]
    ]
    rows = [panels[start : start + 6] for start in range(0, len(panels), 6)]
    return rows, (
        f"Of {total} simulated particles that it has not seen, half of them 8 to 60 px across, "
        f"{len(wrong)} get a wrong name and {unsure} are `unsure`. Those wrong names that it is "
        "surest of, with their probability."
    )


def worst_drawings(name: str, patches: int, shown: int) -> tuple[list[list[Panel]], str]:
    """Textures that an autoencoder draws again least well.

    Args:
        name: Checkpoint.
        patches: Patches of simulated foams to try.
        shown: How many to show.

    Returns:
        A row of what it saw, one of what it drew, and a sentence about them.
    """
    embedder = Embedder(name)
    source = FoamSource(SEED)
    images, labels = zip(*(source.example(number) for number in range(patches)))
    batch = embedder.prepare([image[..., 0] for image in images])
    drawn = embedder.decode(embedder.embed(batch).mean)
    errors = np.sqrt(np.mean((drawn - batch) ** 2, axis=(1, 2)))
    worst = np.argsort(-errors, kind="stable")[:shown]
    above = [Panel(source.classes[labels[place]], batch[place]) for place in worst]
    below = [Panel(f"drawn, RMSE {errors[place]:.2f}", drawn[place]) for place in worst]
    return [above, below], (
        f"The {shown} of {patches} patches of simulated foams (`FoamSource`, seed {SEED}) whose "
        f"drawing from the mean is furthest off; the median RMSE is {np.median(errors):.2f} of "
        "the range of grey values."
    )
