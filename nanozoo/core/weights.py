"""Weights as named arrays: files with hashes, and a report of what went where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nanozoo.core.checks import check_choice
from nanozoo.core.errors import UserError
from nanozoo.core.files import atomic_path, sha256_of
from nanozoo.core.fold import fold_stem
from nanozoo.core.torch_names import keras_arrays

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class LoadReport:
    """Every tensor of a model and of its weight file, by what happened to it.

    Args:
        loaded: Names of the tensors that were set.
        skipped: Names that `skip` asked to leave alone.
        mismatched: A sentence for each tensor that is missing, unexpected or of another shape.
    """

    loaded: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    mismatched: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [
            f"{len(self.loaded)} tensors loaded, {len(self.skipped)} skipped, "
            f"{len(self.mismatched)} mismatched"
        ]
        lines += [f"  loaded      {name}" for name in self.loaded]
        lines += [f"  skipped     {name}" for name in self.skipped]
        lines += [f"  mismatched  {sentence}" for sentence in self.mismatched]
        return "\n".join(lines)


def named_variables(model: keras.Model) -> dict[str, keras.Variable]:
    """Map stable names (the path without the model's own name) to the model's variables.

    Raises:
        ValueError: If two variables have one name; give the layers distinct names.
    """
    prefix = f"{model.name}/"
    named = {variable.path.removeprefix(prefix): variable for variable in model.weights}
    if len(named) != len(model.weights):
        raise ValueError(
            "Expected distinct variable paths. "
            f"Received: {len(model.weights)} variables with {len(named)} paths in {model.name!r}"
        )
    return named


def load_arrays(
    model: keras.Model,
    arrays: Mapping[str, np.ndarray],
    *,
    skip: Iterable[str] = (),
    allow_mismatch: bool = False,
) -> LoadReport:
    """Set the variables of a model from named arrays; nothing is set if something is wrong.

    Args:
        model: A built model.
        arrays: Values by name, as `save_arrays` wrote them.
        skip: Names or patterns (`"head_*"`) of tensors to leave alone on both sides.
        allow_mismatch: Load what fits and only report the rest.

    Returns:
        The report; `mismatched` is empty unless `allow_mismatch`.

    Raises:
        UserError: If a tensor is missing, unexpected or of another shape and
            this was not asked for; all of them are listed.
    """
    patterns = tuple(skip)
    variables = named_variables(model)
    fitting, skipped, mismatched = [], [], []
    for name in sorted(variables.keys() | arrays.keys()):
        if any(fnmatchcase(name, pattern) for pattern in patterns):
            skipped.append(name)
        elif name not in arrays:
            mismatched.append(f"{name}: missing from the weights")
        elif name not in variables:
            mismatched.append(f"{name}: not in the model")
        elif tuple(variables[name].shape) != tuple(arrays[name].shape):
            wanted, got = tuple(variables[name].shape), tuple(arrays[name].shape)
            mismatched.append(f"{name}: the model has shape {wanted}, the weights {got}")
        else:
            fitting.append(name)
    if mismatched and not allow_mismatch:
        listed = "; ".join(mismatched)
        raise UserError(
            f"The weights do not fit the model {model.name!r}, so nothing was loaded. Build it "
            "with the arguments of the weights, or name the tensors to leave alone in `skip`, "
            f"or pass allow_mismatch=True. Received: {listed}"
        )
    for name in fitting:
        variables[name].assign(np.asarray(arrays[name], np.float32))
    return LoadReport(tuple(fitting), tuple(skipped), tuple(mismatched))


def load_torch_state_dict(
    model: keras.Model,
    state_dict: Mapping[str, object],
    *,
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0),
    std: tuple[float, float, float] = (1.0, 1.0, 1.0),
    epsilon: float | None = None,
    skip: Iterable[str] = (),
) -> LoadReport:
    """Set a model's variables from a state dict of torchvision.

    It knows the ResNets and `maskrcnn_resnet50_fpn` with any number of classes, in the names of
    all its releases; `nanozoo.core.torch_names` has the table.

    Args:
        model: From `build_maskrcnn` or `build_resnet`; of 1 or 3 image channels.
        state_dict: Arrays or CPU tensors by torchvision's names.
        mean: Mean that was subtracted from the colours in training, folded into the stem so that
            the model takes images in [0, 1]. The default expects normalised images.
        std: Standard deviation that the colours were divided by, likewise.
        epsilon: Of the batch normalisation that the weights were trained with; the moving
            variances make up for the difference to the model's. None if it is the model's.
        skip: Names or patterns, in the model's names, of tensors to leave alone.

    Returns:
        The report, with the counters of batch normalisation as skipped.

    Raises:
        UserError: If a tensor is missing, unexpected or of another shape.
    """
    arrays = keras_arrays(state_dict)
    if "conv1/kernel" in arrays:
        channels = model.input_shape[-1]
        arrays["conv1/kernel"] = fold_stem(arrays["conv1/kernel"], mean, std, channels)
    if epsilon is not None:
        for layer in model.layers:
            name = f"{layer.name}/moving_variance"
            if name in arrays:
                arrays[name] = arrays[name] + np.float32(epsilon - layer.epsilon)
    return load_arrays(model, arrays, skip=(*skip, "*/num_batches_tracked"))


def save_arrays(
    model: keras.Model,
    folder: str | Path,
    stem: str = "weights",
    dtype: str = "float16",
    max_bytes: int = 15_000_000,
) -> dict[str, str]:
    """Write the variables of a model as `.npz` parts.

    Args:
        model: A built model.
        folder: Where the parts go.
        stem: Parts are called `<stem>-<number>.npz`, or `<stem>.npz` if there is one.
        dtype: "float16" or "float32"; a tensor that float16 would damage stays float32.
        max_bytes: A part ends before it grows above this; a larger tensor has its own.

    Returns:
        SHA-256 of each file by file name, as `read_arrays` wants it.
    """
    arrays = {name: value.numpy() for name, value in named_variables(model).items()}
    return write_arrays(arrays, folder, stem, dtype, max_bytes)


def write_arrays(
    arrays: Mapping[str, np.ndarray],
    folder: str | Path,
    stem: str = "weights",
    dtype: str = "float16",
    max_bytes: int = 15_000_000,
) -> dict[str, str]:
    """Write named arrays as `.npz` parts; arguments and result as in `save_arrays`."""
    check_choice("dtype", dtype, ("float16", "float32"))
    parts: list[dict[str, np.ndarray]] = [{}]
    size = 0
    for name in sorted(arrays):
        value = np.asarray(arrays[name], np.float32)
        if dtype == "float16" and _survives_float16(value):
            value = value.astype(np.float16)
        if parts[-1] and size + value.nbytes > max_bytes:
            parts.append({})
            size = 0
        parts[-1][name] = value
        size += value.nbytes
    hashes = {}
    for number, part in enumerate(parts):
        path = Path(folder) / (f"{stem}.npz" if len(parts) == 1 else f"{stem}-{number}.npz")
        with atomic_path(path) as temporary:
            named: dict[str, Any] = part
            np.savez(temporary, **named)
        hashes[path.name] = sha256_of(path)
    return hashes


def read_arrays(folder: str | Path, hashes: Mapping[str, str]) -> dict[str, np.ndarray]:
    """Read `.npz` parts whose SHA-256 is right.

    Args:
        folder: Where the parts lie.
        hashes: SHA-256 of each part by file name.

    Returns:
        Arrays by name, float16 or float32 as stored.

    Raises:
        UserError: If a part is missing or its hash is wrong.
    """
    arrays: dict[str, np.ndarray] = {}
    for name, expected in hashes.items():
        path = Path(folder) / name
        if not path.is_file():
            raise UserError(f"The weight file {path} is missing: install nanozoo again.")
        if sha256_of(path) != expected:
            raise UserError(
                f"The weight file {path} is damaged (its SHA-256 is not the registered one), "
                "so it was not loaded: delete it and install nanozoo again."
            )
        with np.load(path, allow_pickle=False) as part:
            arrays.update({key: part[key] for key in part.files})
    return arrays


def _survives_float16(value: np.ndarray) -> bool:
    """Whether rounding keeps vectors to 1e-3 of each value, kernels to 1e-3 of the largest."""
    with np.errstate(over="ignore"):
        rounded = value.astype(np.float16).astype(np.float32)
    slack = 0.0 if value.ndim < 2 else 1e-3 * float(np.abs(value).max(initial=0.0))
    return bool(np.allclose(rounded, value, rtol=1e-3, atol=slack))
