"""The training loop: rounds of steps with a cosine learning rate and a saved state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras

from nanozoo.core.checks import check_choice, check_fraction, check_int, check_positive
from nanozoo.core.errors import UserError
from nanozoo.core.files import write_text
from nanozoo.core.progress import Watcher
from nanozoo.data.examples import ExampleSource
from nanozoo.data.instance_examples import InstanceSource
from nanozoo.data.pipeline import Source, input_pipeline
from nanozoo.data.share import Share
from nanozoo.models.adversarial import GAN
from nanozoo.models.detector import MaskRCNN
from nanozoo.models.reconstruction import Reconstruction
from nanozoo.training.finite import StopOnNaN
from nanozoo.training.fused import fuse_normalisation
from nanozoo.training.interrupt import StopOnSignal
from nanozoo.training.losses import BoundaryLoss, CrossEntropyDice, SegmentationLoss
from nanozoo.training.state import load_state, save_state
from nanozoo.training.steps import TellSteps
from nanozoo.training.strategy import scope_of
from nanozoo.training.workers import Workers, workers

_ONE_CLASS = (("int32", ()),)

_SAME_WEIGHTS = ("round_steps", "jit_compile")
"""What a schedule may say otherwise when a run goes on: the steps learn the same."""


@dataclass(frozen=True)
class Schedule:
    """Length and pace of a training.

    Args:
        steps: Number of optimizer steps.
        batch_size: Crops a step.
        learning_rate: Highest learning rate, reached after the warm-up.
        warmup: Steps of linear warm-up from 0.
        final_share: Share of the highest learning rate that is left at the end of the cosine, in
            [0, 1]; 1 suits a GAN, whose networks go on chasing each other.
        optimizer: "adamw", "sgd", or "adam", which has no weight decay.
        momentum: Of "sgd" and "adam"; 0 suits a GAN.
        second_momentum: Of "adam", of the squares of gradients.
        weight_decay: Decoupled from the gradient; gains and offsets of normalisations and biases
            have none.
        clip_norm: Largest norm of all gradients together.
        round_steps: Steps between two saved states (and validations).
        accumulate: Steps whose gradients are averaged before the weights move, as with batches
            this many times as large (but for batch statistics), in the memory of one.
        jit_compile: Whether to compile with XLA; False is fastest on a CPU.
    """

    steps: int = 3000
    batch_size: int = 4
    learning_rate: float = 1e-3
    warmup: int = 100
    final_share: float = 0.0
    optimizer: str = "adamw"
    momentum: float = 0.9
    second_momentum: float = 0.999
    weight_decay: float = 1e-4
    clip_norm: float = 5.0
    round_steps: int = 250
    accumulate: int = 1
    jit_compile: bool = False

    def __post_init__(self):
        for name in ("steps", "batch_size", "round_steps", "accumulate"):
            check_int(name, getattr(self, name), 1)
        check_choice("optimizer", self.optimizer, ("adamw", "sgd", "adam"))
        check_positive("learning_rate", self.learning_rate)
        check_positive("clip_norm", self.clip_norm)
        check_fraction("final_share", self.final_share)


def compile_model(
    model: keras.Model, schedule: Schedule, loss: SegmentationLoss | None = None
) -> None:
    """Give a model its optimizer, and a segmentation model its losses.

    Args:
        model: From `build_unet`, `build_fpn` or `build_linknet`, with probabilities out, from
            `build_shape_cnn`, or from `build_maskrcnn`, `build_vae` or `build_gan`, which
            bring their losses.
        schedule: Pace of the training.
        loss: Of a segmentation model's classes, `CrossEntropyDice` if None; a boundary output
            has its own.

    Raises:
        UserError: If `loss` is given for a model that does not segment.
    """
    chosen = None
    if _segments(model):
        chosen = loss or CrossEntropyDice()
        if isinstance(model.output, dict):
            chosen = {"classes": chosen, "boundary": BoundaryLoss()}
    elif loss is not None:
        raise UserError(
            f"Expected `loss` to be None for the model {model.name!r}, which has its own. "
            f"Received: loss={loss.name!r}"
        )
    elif _classifies_images(model):
        chosen = "sparse_categorical_crossentropy"
    fuse_normalisation(model)
    model.compile(optimizer=_optimizer(schedule), loss=chosen, jit_compile=schedule.jit_compile)


def _optimizer(schedule: Schedule) -> keras.optimizers.Optimizer:
    warmup = min(schedule.warmup, schedule.steps // 2)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0 if warmup else schedule.learning_rate,
        max(schedule.steps - warmup, 1),
        alpha=schedule.final_share,
        warmup_target=schedule.learning_rate if warmup else None,
        warmup_steps=warmup,
    )
    options = {
        "global_clipnorm": schedule.clip_norm,
        "gradient_accumulation_steps": schedule.accumulate if schedule.accumulate > 1 else None,
    }
    if schedule.optimizer == "adam":
        return keras.optimizers.Adam(rate, schedule.momentum, schedule.second_momentum, **options)
    options["weight_decay"] = schedule.weight_decay
    if schedule.optimizer == "sgd":
        optimizer = keras.optimizers.SGD(rate, schedule.momentum, **options)
    else:
        optimizer = keras.optimizers.AdamW(rate, **options)
    optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    return optimizer


def fit(
    model: keras.Model,
    source: Source,
    schedule: Schedule,
    *,
    loss: SegmentationLoss | None = None,
    out: Path | None = None,
    run: Mapping[str, Any] | None = None,
    validate: Callable[[keras.Model], dict[str, float]] | None = None,
    stop: Callable[[list[dict[str, float]]], bool] | None = None,
    log: Callable[[keras.Model, dict[str, float]], None] | None = None,
    progress: Watcher | None = None,
    verbose: int = 2,
) -> list[dict[str, float]]:
    """Train a model, going on from a saved state of the same run where there is one.

    Args:
        model: Segmentation model with probabilities out, or detector; compiled here.
        source: Training examples: of a segmentation model an `ExampleSource` whose `boundary`
            agrees with the model's outputs, of a detector an `InstanceSource`, of a shape CNN
            a `ShapeCrops`, a `ParticleCrops` or what else gives an image and its class, of an
            autoencoder or a GAN a `TextureImages`.
        schedule: Length and pace.
        loss: As in `compile_model`; one of boundary distances needs a source with `distances`.
        out: Folder of the saved state `state.npz` and `history.csv`; None keeps nothing. A
            process that is told to end (SIGTERM, Ctrl-C) saves the state after the step that it
            is in; of several that train together the first one writes, after every round.
        run: What else makes the run what it is, such as seed and data, as JSON values. It is
            kept in the saved state with the schedule, whose `steps` say how the learning rate
            falls, and a run with other values does not go on from that state.
        validate: Called after every round; what it returns joins the history. None where
            several processes train together.
        stop: Called with the history after every round; training ends when it is true.
        log: Called with the model and its row of the history after every round, such as a
            `nanozoo.training.tensorboard.TensorBoardLog`.
        progress: Told of every step, with the loss and the scores of the last round; what it
            raises ends the training after that step, with the state saved, and is raised here.
        verbose: As in `keras.Model.fit`.

    Returns:
        One dict a round: "step", the losses under their own names, and what
        `validate` returned.

    Raises:
        UserError: If `source` does not suit the model or `loss`, the loss is no longer a number,
            several processes are to validate or cannot share the batch, or the saved state
            belongs to another model or to a run with other options, or is damaged.
    """
    _check_source(model, source)
    _check_distances(model, source, loss)
    team = workers()
    _check_validation(validate, team)
    part = Share(source, schedule.batch_size, team.index, team.count)
    state = Path(out) / "state.npz" if out else None
    paced = {name: value for name, value in asdict(schedule).items() if name not in _SAME_WEIGHTS}
    identity = {**paced, "loss": loss and loss.options, **(run or {})}
    with scope_of(model):
        compile_model(model, schedule, loss)
        rounds, done = load_state(model, state, identity) if state else ([], 0)
    steps = TellSteps(progress, done, schedule.steps)
    steps.tell(done)
    with StopOnSignal(heed=team.count == 1) as signals:
        steps.leave()
        while done < schedule.steps:
            count = min(schedule.round_steps - done % schedule.round_steps, schedule.steps - done)
            data = input_pipeline(part, part.batch_size, count, start=done)
            watch = StopOnNaN(part, part.batch_size, start=done)
            options = {"epochs": 1, "shuffle": False, "verbose": verbose}
            with scope_of(model):
                history = model.fit(data, callbacks=[watch, signals, steps], **options).history
            steps.done = done = done + signals.steps
            if signals.steps < count:
                if state:
                    save_state(model, state, rounds, identity, step=done)
                signals.leave()
                steps.leave()
            row = {"step": done, **{name: float(values[-1]) for name, values in history.items()}}
            if validate:
                steps.scores = validate(model)
                row.update(steps.scores)
            if log and team.writes:
                log(model, row)
            rounds.append(row)
            if state and team.writes:
                save_state(model, state, rounds, identity)
                write_history(rounds, Path(out) / "history.csv")
            team.meet()
            signals.leave()
            steps.tell(done, row)
            steps.leave()
            if stop and stop(rounds):
                break
    return rounds


def _check_validation(validate: Callable | None, team: Workers) -> None:
    if validate and team.count > 1:
        raise UserError(
            "Expected `validate` to be None where several processes train together: score the "
            f"saved weights afterwards. Received: {team.count} processes"
        )


def _classifies_images(model: keras.Model) -> bool:
    """Whether a model gives a class for a whole image, as a shape CNN."""
    return not isinstance(model.output, dict) and len(model.output.shape) == 2


def _segments(model: keras.Model) -> bool:
    """Whether a model gives the classes of pixels."""
    own = isinstance(model, (MaskRCNN, Reconstruction, GAN))
    return not own and not _classifies_images(model)


def _check_distances(model: keras.Model, source: Source, loss: SegmentationLoss | None) -> None:
    """Refuse examples without the signed distances that a loss needs, or with those of others."""
    found = getattr(source, "distances", 0)
    if not found and not (loss and loss.needs_distances):
        return
    outputs = model.output["classes"] if isinstance(model.output, dict) else model.output
    if found != outputs.shape[-1] - 1:
        raise UserError(
            f"Expected `distances` of the examples to be {outputs.shape[-1] - 1}, the classes "
            f"but background. Received: source.distances={found!r}"
        )


def _check_source(model: keras.Model, source: Source) -> None:
    if _classifies_images(model):
        if tuple(source.signature[1:]) != _ONE_CLASS:
            raise UserError(
                "Expected `source` to give images with one class each, as ShapeCrops and "
                f"ParticleCrops do, for the model {model.name!r}. "
                f"Received: source of type {type(source).__name__}"
            )
        return
    if isinstance(model, (Reconstruction, GAN)):
        shape = tuple(model.input.shape[1:])
        if tuple(source.signature) != (("float32", shape),):
            raise UserError(
                f"Expected `source` to give images {shape} alone, as TextureImages does, for the "
                f"model {model.name!r}. Received: signature={source.signature!r}"
            )
        return
    wanted = InstanceSource if isinstance(model, MaskRCNN) else ExampleSource
    if not isinstance(source, wanted):
        raise UserError(
            f"Expected `source` to be an {wanted.__name__} for the model {model.name!r}. "
            f"Received: source of type {type(source).__name__}"
        )
    if wanted is ExampleSource and source.boundary != isinstance(model.output, dict):
        raise UserError(
            "Expected `boundary` to be alike in the model and in the examples. "
            f"Received: source.boundary={source.boundary!r}"
        )


def write_history(rounds: list[dict[str, float]], path: Path) -> None:
    """Write one row a round as CSV; a value that a round lacks stays empty."""
    names = list(dict.fromkeys(name for row in rounds for name in row))
    lines = [",".join(names)]
    lines += [",".join(f"{row[n]:.6g}" if n in row else "" for n in names) for row in rounds]
    write_text(path, "\n".join(lines) + "\n")
