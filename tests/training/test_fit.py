"""The training loop learns, goes on where it was interrupted, and stops when told."""

import csv
import os
import signal
from dataclasses import replace

import keras
import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.core.files import write_bytes
from nanozoo.core.progress import Cancelled
from nanozoo.data.examples import ExampleSource, LabelledImage
from nanozoo.models.shape_cnn import build_shape_cnn
from nanozoo.training.best import Best
from nanozoo.training.fit import Schedule, compile_model, fit
from nanozoo.training.freeze import encoder_layers, set_trainable
from nanozoo.training.state import save_state


@pytest.fixture
def build(tiny):
    """Build the tiny network with the same weights every time."""

    def build(boundary=True, width=8):
        keras.utils.set_random_seed(0)
        return tiny((32, 32, 1), boundary=boundary, width=width)

    return build


def _source(boundary=True):
    y, x = np.mgrid[:96, :96]
    semantic = (np.hypot(x % 32 - 16, y % 32 - 16) < 9).astype(np.uint8)
    image = (0.2 + 0.6 * semantic).astype(np.float32)
    return ExampleSource(
        [LabelledImage.from_semantic(image, semantic, "discs")], crop=32, boundary=boundary
    )


SCHEDULE = Schedule(steps=6, batch_size=2, round_steps=2, warmup=2, learning_rate=3e-3)


class Interrupted(Exception):
    """Stands for a machine that goes down."""


@pytest.fixture
def whole(build, tmp_path):
    """A run that was never interrupted: model, history, folder."""
    model, out = build(), tmp_path / "whole"
    return model, fit(model, _source(), SCHEDULE, out=out, verbose=0), out


@pytest.fixture
def saved(build, tmp_path):
    """The saved state of a network that took no step."""
    model = build()
    compile_model(model, SCHEDULE)
    save_state(model, tmp_path / "state.npz", [])
    return tmp_path / "state.npz"


def test_history_has_a_row_a_round_and_is_written(whole):
    _, rounds, out = whole
    assert [row["step"] for row in rounds] == [2, 4, 6]
    assert all(np.isfinite(row["loss"]) for row in rounds)
    with open(out / "history.csv", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [int(row["step"]) for row in rows] == [2, 4, 6]
    assert float(rows[-1]["loss"]) == pytest.approx(rounds[-1]["loss"], rel=1e-4)


def test_an_interrupted_run_ends_as_an_uninterrupted_one(whole, build, tmp_path):
    wanted, wanted_rounds, _ = whole
    calls = []

    def validate(_):
        calls.append(1)
        if len(calls) == 3:
            raise Interrupted
        return {}

    with pytest.raises(Interrupted):
        fit(build(), _source(), SCHEDULE, out=tmp_path, validate=validate, verbose=0)
    model = build()
    rounds = fit(model, _source(), SCHEDULE, out=tmp_path, verbose=0)
    assert [row["step"] for row in rounds] == [2, 4, 6]
    for row, wanted_row in zip(rounds, wanted_rounds):
        assert row["loss"] == pytest.approx(wanted_row["loss"], rel=1e-3)
    assert int(model.optimizer.iterations.numpy()) == 6
    assert float(model.optimizer.learning_rate.numpy()) == pytest.approx(0, abs=1e-9)
    for one, two in zip(model.get_weights(), wanted.get_weights()):
        np.testing.assert_allclose(one, two, atol=2e-4)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_told_to_end_loses_no_step(whole, build, tmp_path, number):
    wanted, wanted_rounds, _ = whole
    before, steps = signal.getsignal(number), []
    monitor = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: (steps.append(batch), _end_after(steps, number))
    )
    model = build()
    compile_with = model.fit
    model.fit = lambda data, callbacks, **options: compile_with(
        data, callbacks=[monitor, *callbacks], **options
    )
    with pytest.raises(KeyboardInterrupt if number == signal.SIGINT else SystemExit):
        fit(model, _source(), SCHEDULE, out=tmp_path, verbose=0)
    assert len(steps) == 3 and signal.getsignal(number) == before
    assert int(model.optimizer.iterations.numpy()) == 3
    again = build()
    rounds = fit(again, _source(), SCHEDULE, out=tmp_path, verbose=0)
    assert [row["step"] for row in rounds] == [2, 4, 6]
    assert rounds[-1]["loss"] == pytest.approx(wanted_rounds[-1]["loss"], rel=1e-3)
    for one, two in zip(again.get_weights(), wanted.get_weights()):
        np.testing.assert_allclose(one, two, atol=2e-4)


@pytest.mark.parametrize("last", [3, 4])
def test_a_watcher_ends_a_run_that_loses_no_step(whole, build, tmp_path, last):
    wanted, wanted_rounds, _ = whole
    told = []

    def tell(seen):
        told.append(seen)
        if seen.done == last:
            raise Cancelled

    model = build()
    with pytest.raises(Cancelled):
        fit(model, _source(), SCHEDULE, out=tmp_path, progress=tell, verbose=0)
    assert int(model.optimizer.iterations.numpy()) == last == told[-1].done
    assert {one.total for one in told} == {6} and told[1].note.startswith("loss ")
    told.clear()
    again = build()
    rounds = fit(again, _source(), SCHEDULE, out=tmp_path, progress=told.append, verbose=0)
    assert told[0].done == last and told[-1].done == 6
    assert [row["step"] for row in rounds] == [2, 4, 6]
    assert rounds[-1]["loss"] == pytest.approx(wanted_rounds[-1]["loss"], rel=1e-3)
    for one, two in zip(again.get_weights(), wanted.get_weights()):
        np.testing.assert_allclose(one, two, atol=2e-4)


def _end_after(steps, number):
    if len(steps) == 3:
        os.kill(os.getpid(), number)


def test_gradients_of_small_batches_are_averaged():
    weights = []
    for batch_size, accumulate in ((4, 1), (2, 2)):
        keras.utils.set_random_seed(0)
        inputs = keras.Input((32, 32, 1))
        outputs = keras.layers.Conv2D(2, 3, padding="same", activation="softmax")(inputs)
        model = keras.Model(inputs, outputs)
        schedule = Schedule(
            3 * accumulate, batch_size, 0.1, 0, 1.0, "sgd", clip_norm=1e6, accumulate=accumulate
        )
        fit(model, _source(boundary=False), schedule, verbose=0)
        weights.append(model.get_weights())
    for one, two in zip(*weights):
        np.testing.assert_allclose(one, two, atol=1e-5)
        assert np.abs(one).max() > 1e-3


def test_a_finished_run_gives_its_weights_and_history_without_a_step(whole, build):
    wanted, rounds, out = whole
    model = build()
    assert fit(model, _source(), SCHEDULE, out=out, verbose=0) == rounds
    for one, two in zip(model.get_weights(), wanted.get_weights()):
        np.testing.assert_array_equal(one, two)


def test_the_state_of_another_model_is_refused(saved, build):
    for model, boundary in ((build(width=4), True), (build(False), False)):
        before = model.get_weights()
        with pytest.raises(UserError, match="state.npz"):
            fit(model, _source(boundary), SCHEDULE, out=saved.parent, verbose=0)
        for one, two in zip(model.get_weights(), before):
            np.testing.assert_array_equal(one, two)


def test_a_run_with_other_options_does_not_go_on(build, tmp_path):
    def run(steps=4, rate=3e-3, round_steps=2, **options):
        schedule = Schedule(steps, 2, rate, warmup=2, round_steps=round_steps)
        return fit(build(), _source(), schedule, out=tmp_path, run=options, verbose=0)

    rounds = run(seed=1, shares=(0.5, 0.5))
    assert run(seed=1, shares=(0.5, 0.5), round_steps=4) == rounds
    before = (tmp_path / "state.npz").read_bytes()
    for options, was, now in (
        ({"steps": 6}, "steps=4", "steps=6"),
        ({"rate": 1e-3}, "learning_rate=0.003", "learning_rate=0.001"),
        ({"seed": 2}, "seed=1", "seed=2"),
        ({"shares": (0.4, 0.6)}, r"shares=\[0.5, 0.5\]", r"shares=\[0.4, 0.6\]"),
    ):
        sentence = rf"{tmp_path.name} .*another output folder, .*{was}\. Received: {now}$"
        with pytest.raises(UserError, match=sentence):
            run(**{"seed": 1, "shares": (0.5, 0.5), **options})
    assert (tmp_path / "state.npz").read_bytes() == before


def test_a_state_from_before_options_were_kept_goes_on(whole, build):
    _, rounds, out = whole
    with np.load(out / "state.npz") as stored:
        older = {name: stored[name] for name in stored.files if name != "run"}
    np.savez(out / "state.npz", **older)
    longer = replace(SCHEDULE, steps=8)
    assert fit(build(), _source(), longer, out=out, run={"seed": 1}, verbose=0)[:3] == rounds


@pytest.mark.parametrize("damage", ["truncated", "empty", "text", "flipped"])
def test_a_damaged_state_is_refused(saved, build, damage):
    content = bytearray(saved.read_bytes())
    if damage == "flipped":
        content[len(content) // 2] ^= 255
    else:
        content = {"truncated": content[:-2000], "empty": b"", "text": b"hello"}[damage]
    write_bytes(saved, bytes(content))
    with pytest.raises(UserError, match="state.npz"):
        fit(build(), _source(), SCHEDULE, out=saved.parent, verbose=0)


def test_training_stops_when_told_and_validation_joins_the_history(build):
    scores = iter([0.5, 0.7, 0.6])
    rounds = fit(
        build(False),
        _source(False),
        Schedule(steps=3, batch_size=1, round_steps=1, warmup=0),
        validate=lambda _: {"jsc": next(scores)},
        stop=lambda rounds: rounds[-1]["jsc"] > 0.6,
        verbose=0,
    )
    assert [row["jsc"] for row in rounds] == [0.5, 0.7]


def test_targets_that_do_not_fit_the_outputs_are_refused(build):
    with pytest.raises(UserError, match="boundary"):
        fit(build(False), _source(True), SCHEDULE, verbose=0)


def test_a_classifier_of_particles_refuses_class_maps():
    model = build_shape_cnn((32, 32, 1), 2, "plain", level="C3")
    with pytest.raises(UserError, match="one class each.*ExampleSource"):
        fit(model, _source(False), SCHEDULE, verbose=0)


def test_training_learns_discs(build):
    schedule = Schedule(steps=40, batch_size=4, round_steps=20, warmup=5, learning_rate=1e-2)
    rounds = fit(build(False), _source(False), schedule, verbose=0)
    assert rounds[-1]["loss"] < 0.85 * rounds[0]["loss"]


def test_a_frozen_encoder_does_not_move_batch_statistics_included(build):
    model = build(False)
    frozen = {v.path for layer in encoder_layers(model) for v in layer.variables}
    assert frozen == {v.path for v in model.variables if v.path.startswith("encoder")}
    count = len(model.trainable_variables)
    before = {v.path: v.numpy().copy() for v in model.variables}
    set_trainable(model, encoder=False)
    schedule = Schedule(steps=2, batch_size=2, round_steps=2, warmup=0)
    fit(model, _source(False), schedule, verbose=0)
    still = {v.path for v in model.variables if np.array_equal(v.numpy(), before[v.path])}
    assert still == frozen
    set_trainable(model, encoder=True)
    assert len(model.trainable_variables) == count


def test_batch_statistics_stay_while_the_rest_learns(build):
    model = build(False)
    norms = [one for one in model.layers if isinstance(one, keras.layers.BatchNormalization)]
    kept = {v.path for layer in norms for v in layer.variables}
    before = {v.path: v.numpy().copy() for v in model.variables}
    set_trainable(model, encoder=True, statistics=False)
    schedule = Schedule(steps=2, batch_size=2, round_steps=2, warmup=0)
    fit(model, _source(False), schedule, verbose=0)
    still = {v.path for v in model.variables if np.array_equal(v.numpy(), before[v.path])}
    assert kept and still == kept


def test_best_restores_the_highest_score(build):
    model = build(False)
    best = Best(model)
    best.restore()
    kept = None
    for number, score in enumerate((0.2, 0.9, 0.9, 0.4)):
        model.set_weights([np.full_like(w, number) for w in model.get_weights()])
        assert best.see(score) == score
        kept = number if score == 0.9 and kept is None else kept
    assert best.rounds_since == 2
    best.restore()
    assert all((w == kept).all() for w in model.get_weights())


@pytest.mark.parametrize(
    "options",
    [
        {"steps": 0},
        {"batch_size": 0},
        {"round_steps": 0},
        {"learning_rate": 0.0},
        {"final_share": 1.5},
    ],
)
def test_a_schedule_out_of_range_is_refused(options):
    with pytest.raises(UserError, match=next(iter(options))):
        Schedule(**options)


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_the_rate_ends_at_its_final_share(build, share):
    model = build()
    compile_model(model, Schedule(20, warmup=4, learning_rate=0.1, final_share=share))
    rates = [float(model.optimizer._learning_rate(step)) for step in (0, 4, 20)]
    assert rates == pytest.approx([0.0, 0.1, 0.1 * share], abs=1e-7)


def test_adam_without_momentum_divides_by_the_root_mean_square_of_the_gradients(build):
    options = {"optimizer": "adam", "momentum": 0.0, "second_momentum": 0.9, "clip_norm": 1e9}
    model = build()
    compile_model(model, Schedule(10**6, warmup=0, learning_rate=0.1, **options))
    variable = keras.Variable(np.float32([5.0]))
    for gradient in (3.0, -1.0):
        model.optimizer.apply([keras.ops.convert_to_tensor([gradient])], [variable])
    second = -1 / np.sqrt((0.9 * 0.1 * 9 + 0.1) / (1 - 0.9**2))
    assert float(variable.numpy()[0]) == pytest.approx(5 - 0.1 * (1 + second), abs=1e-4)
