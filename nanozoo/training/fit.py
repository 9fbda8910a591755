"""The training loop: rounds of steps with a cosine learning rate and a saved state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras

from nanozoo.core.checks import check_int, check_positive
from nanozoo.core.errors import UserError
from nanozoo.core.files import write_text
from nanozoo.data.examples import ExampleSource
from nanozoo.data.pipeline import input_pipeline
from nanozoo.training.losses import BoundaryLoss, CrossEntropyDice
from nanozoo.training.state import load_state, save_state
from nanozoo.training.strategy import scope_of


@dataclass(frozen=True)
class Schedule:
    """Length and pace of a training.

    Args:
        steps: Number of optimizer steps.
        batch_size: Crops a step.
        learning_rate: Highest learning rate, reached after the warm-up.
        warmup: Steps of linear warm-up from 0.
        weight_decay: Decoupled weight decay of AdamW.
        round_steps: Steps between two saved states (and validations).
        jit_compile: Whether to compile with XLA; False is fastest on a CPU.
    """

    steps: int = 3000
    batch_size: int = 4
    learning_rate: float = 1e-3
    warmup: int = 100
    weight_decay: float = 1e-4
    round_steps: int = 250
    jit_compile: bool = False

    def __post_init__(self):
        for name in ("steps", "batch_size", "round_steps"):
            check_int(name, getattr(self, name), 1)
        check_positive("learning_rate", self.learning_rate)


def compile_segmenter(model: keras.Model, schedule: Schedule) -> None:
    """Give a segmentation model its optimizer and losses.

    Args:
        model: From `build_unet`, `build_fpn` or `build_linknet`, with probabilities out.
        schedule: Pace of the training.
    """
    warmup = min(schedule.warmup, schedule.steps // 2)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0 if warmup else schedule.learning_rate,
        max(schedule.steps - warmup, 1),
        warmup_target=schedule.learning_rate if warmup else None,
        warmup_steps=warmup,
    )
    optimizer = keras.optimizers.AdamW(
        rate, weight_decay=schedule.weight_decay, global_clipnorm=5.0
    )
    optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    if isinstance(model.output, dict):
        loss = {"classes": CrossEntropyDice(), "boundary": BoundaryLoss()}
    else:
        loss = CrossEntropyDice()
    model.compile(optimizer=optimizer, loss=loss, jit_compile=schedule.jit_compile)


def fit(
    model: keras.Model,
    source: ExampleSource,
    schedule: Schedule,
    *,
    out: Path | None = None,
    validate: Callable[[keras.Model], dict[str, float]] | None = None,
    stop: Callable[[list[dict[str, float]]], bool] | None = None,
    verbose: int = 2,
) -> list[dict[str, float]]:
    """Train a segmentation model, going on from a saved state where there is one.

    Args:
        model: Model with probabilities out; compiled here.
        source: Training examples; its `boundary` must agree with the model's outputs.
        schedule: Length and pace.
        out: Folder of the saved state `state.npz` and `history.csv`; None keeps nothing.
        validate: Called after every round; what it returns joins the history.
        stop: Called with the history after every round; training ends when it is true.
        verbose: As in `keras.Model.fit`.

    Returns:
        One dict a round: "step", the losses under their own names, and what
        `validate` returned.

    Raises:
        UserError: If `source` and the model disagree about boundaries, or the saved state
            belongs to another model or is damaged.
    """
    if source.boundary != isinstance(model.output, dict):
        raise UserError(
            "Expected `boundary` to be alike in the model and in the examples. "
            f"Received: source.boundary={source.boundary!r}"
        )
    state = Path(out) / "state.npz" if out else None
    with scope_of(model):
        compile_segmenter(model, schedule)
        rounds = load_state(model, state) if state else []
    done = int(rounds[-1]["step"]) if rounds else 0
    while done < schedule.steps:
        count = min(schedule.round_steps, schedule.steps - done)
        data = input_pipeline(source, schedule.batch_size, count, start=done)
        history = model.fit(data, epochs=1, shuffle=False, verbose=verbose).history
        done += count
        row = {"step": done, **{name: float(values[-1]) for name, values in history.items()}}
        if validate:
            row.update(validate(model))
        rounds.append(row)
        if state:
            save_state(model, state, rounds)
            write_history(rounds, Path(out) / "history.csv")
        if stop and stop(rounds):
            break
    return rounds


def write_history(rounds: list[dict[str, float]], path: Path) -> None:
    """Write one row a round as CSV; a value that a round lacks stays empty."""
    names = list(dict.fromkeys(name for row in rounds for name in row))
    lines = [",".join(names)]
    lines += [",".join(f"{row[n]:.6g}" if n in row else "" for n in names) for row in rounds]
    write_text(path, "\n".join(lines) + "\n")
