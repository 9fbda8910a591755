"""Saved networks in fresh processes, on TensorFlow and on JAX."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from cases import CASES, outputs_of, random_images

FAST = [parameter.values[0] for parameter in CASES if not parameter.marks]
BACKENDS = [
    "tensorflow",
    pytest.param(
        "jax",
        marks=pytest.mark.skipif(find_spec("jax") is None, reason="needs the extra `jax`"),
    ),
]


def save(case, folder: Path) -> None:
    """Save a network, an image, and its outputs and levels as they are in this process."""
    folder.mkdir()
    model = case.build_shaken()
    image = random_images((2, 64, 64, 1))
    model.save(folder / "model.keras")
    np.save(folder / "image.npy", image)
    np.savez(folder / "wanted.npz", **outputs_of(model(image, training=False)))
    if case.is_detector:
        _, images, truth = case.build_trainable()
        np.savez(folder / "truth.npz", images=images, **truth)


def run_fresh(folders, backend: str) -> None:
    """Run `fresh_process.py` on saved networks, with quick rather than optimal compilation."""
    quick = "--xla_backend_optimization_level=0"
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("fresh_process.py"), *folders],
        env={**os.environ, "KERAS_BACKEND": backend, "XLA_FLAGS": quick},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.fixture(scope="module")
def fast_results(tmp_path_factory):
    """Function from backend to the folder of results; all quick cases share a process."""
    root = tmp_path_factory.mktemp("saved")
    for case in FAST:
        save(case, root / case.id)
    finished = set()

    def results(backend: str) -> Path:
        if backend not in finished:
            run_fresh([root / case.id for case in FAST], backend)
            finished.add(backend)
        return root

    return results


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("case", CASES)
def test_fresh_process(case, backend, fast_results, tmp_path):
    if case in FAST:
        folder = fast_results(backend) / case.id
    else:
        folder = tmp_path / case.id
        save(case, folder)
        run_fresh([folder], backend)
    with np.load(folder / "wanted.npz") as wanted, np.load(folder / f"{backend}.npz") as got:
        for name in wanted.files:
            assert_agree(got[f"output/{name}"], wanted[name], backend)
        levels = list(got["levels"])
        assert len(levels) >= 2
        cut = [key for key in got.files if key.startswith("cut/")]
        assert len(cut) == 2
        for key in cut:
            if key.removeprefix("cut/") in wanted.files:
                assert_agree(got[key], wanted[key.removeprefix("cut/")], backend)
        if backend == "jax":
            first, second = got["losses"]
            assert np.isfinite([first, second]).all() and second < first


def assert_agree(got: np.ndarray, wanted: np.ndarray, backend: str) -> None:
    """Bit-equal on the same backend, to 1e-5 of the largest value on the other."""
    if backend == "tensorflow":
        np.testing.assert_array_equal(got, wanted)
    else:
        scale = max(1.0, float(np.abs(wanted).max()))
        np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-5 * scale)
