"""Which devices to train on and in which precision."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import keras

from nanozoo.core.checks import check_choice
from nanozoo.core.errors import UserError
from nanozoo.training.workers import join_workers

POLICIES = {"cpu": "float32", "gpu": "mixed_float16", "tpu": "mixed_bfloat16"}


@dataclass(frozen=True)
class Strategy:
    """Devices and precision of a run.

    Args:
        device: "cpu", "gpu" or "tpu".
        count: Number of devices.
        policy: Keras dtype policy.
        distribution: A `tf.distribute.Strategy`, a `keras.distribution.DataParallel`, or None.
    """

    device: str
    count: int
    policy: str
    distribution: Any = None

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Context in which the model is built; the global policy is as before afterwards."""
        before = keras.mixed_precision.global_policy()
        keras.mixed_precision.set_global_policy(self.policy)
        try:
            with nullcontext() if self.distribution is None else self.distribution.scope():
                yield
        finally:
            keras.mixed_precision.set_global_policy(before)


def strategy(device: str = "auto") -> Strategy:
    """Choose devices and dtype policy.

    float32 on a CPU, `mixed_float16` on GPUs, `mixed_bfloat16` on TPUs. Several devices share
    each batch; on TensorFlow each has its own batch statistics and clips its own gradients.
    Several processes train together on JAX, where the environment names them as
    `keras.distribution.initialize` says. The TPU path has not been run on a TPU.

    Args:
        device: "auto" (TPU, else GPU, else CPU), "cpu", "gpu" or "tpu".

    Returns:
        The strategy; build the model inside `strategy(...).scope()`.

    Raises:
        UserError: If `device` is none of these or the machine has none of it, or TF_CONFIG names
            several workers, which Keras 3 cannot train on.

    Example:
        >>> import nanozoo
        >>> with nanozoo.strategy("cpu").scope():
        ...     model = nanozoo.build_unet((64, 64, 1), backbone="plain")
        >>> model.compute_dtype
        'float32'
    """
    _check_workers()
    join_workers()
    check_choice("device", device, ("auto", *POLICIES))
    found = _devices()
    if device == "auto":
        device = next(kind for kind in ("tpu", "gpu", "cpu") if found[kind])
    check_choice("device", device, [kind for kind, count in found.items() if count])
    return Strategy(device, found[device], POLICIES[device], _distribution(device, found[device]))


def scope_of(model: keras.Model) -> AbstractContextManager:
    """Context of the devices that a model was built for; there it is compiled and learns."""
    if keras.backend.backend() == "jax":
        shared = len(model.variables[0].value.sharding.device_set) > 1
        return _data_parallel().scope() if shared else nullcontext()
    distribution = getattr(model, "distribute_strategy", None)
    return nullcontext() if distribution is None else distribution.scope()


def _check_workers() -> None:
    stated = os.environ.get("TF_CONFIG") or "{}"
    try:
        several = len(json.loads(stated).get("cluster", {}).get("worker", [])) > 1
    except (ValueError, AttributeError):
        several = True
    if several and keras.backend.backend() == "tensorflow":
        raise UserError(
            "Keras 3 cannot train on several TensorFlow workers: unset TF_CONFIG, train on the "
            "devices of one machine, or on several with KERAS_BACKEND=jax. "
            f"Received: TF_CONFIG={stated!r}"
        )


def _devices() -> dict[str, int]:
    found = {"cpu": 1, "gpu": 0, "tpu": 0}
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        found["gpu"] = len(tf.config.list_physical_devices("GPU"))
        found["tpu"] = len(tf.config.list_physical_devices("TPU"))
    elif keras.backend.backend() == "jax":
        import jax

        for item in jax.devices():
            if item.platform in ("gpu", "cuda", "rocm"):
                found["gpu"] += 1
            elif item.platform == "tpu":
                found["tpu"] += 1
        found["cpu"] = max(jax.device_count() - found["gpu"] - found["tpu"], 1)
    else:
        import torch

        found["gpu"] = torch.cuda.device_count()
    return found


def _distribution(device: str, count: int) -> Any:
    backend = keras.backend.backend()
    if device == "tpu" and backend == "tensorflow":
        import tensorflow as tf

        resolver = tf.distribute.cluster_resolver.TPUClusterResolver.connect("local")
        return tf.distribute.TPUStrategy(resolver)
    if count > 1 and backend == "tensorflow":
        import tensorflow as tf

        return tf.distribute.MirroredStrategy()
    if count > 1 and backend == "jax":
        return _data_parallel()
    return None


def _data_parallel() -> keras.distribution.DataParallel:
    """All devices of JAX; `nanozoo.training.fit.fit` gives each process its own examples."""
    return keras.distribution.DataParallel(auto_shard_dataset=False)
