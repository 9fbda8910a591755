"""Processes that train one model together."""

from __future__ import annotations

import os
from dataclasses import dataclass

import keras

from nanozoo.core.errors import UserError

ADDRESSES = "KERAS_DISTRIBUTION_JOB_ADDRESSES"
"""Environment variable that names the processes, see `keras.distribution.initialize`."""


@dataclass(frozen=True)
class Workers:
    """Place of this process among those that train together.

    Args:
        index: Its number, from 0.
        count: Number of processes.
    """

    index: int = 0
    count: int = 1

    @property
    def writes(self) -> bool:
        """Whether this process writes the files."""
        return self.index == 0

    def meet(self) -> None:
        """Wait until all processes are here, so that none reads what another still writes."""
        if self.count > 1:
            from jax.experimental import multihost_utils

            multihost_utils.sync_global_devices("nanozoo")


def workers() -> Workers:
    """Say which process this is; on TensorFlow and PyTorch it is alone."""
    if keras.backend.backend() != "jax":
        return Workers()
    import jax

    return Workers(jax.process_index(), jax.process_count())


def join_workers() -> None:
    """Meet the other processes that the environment names, once, before keras computes.

    Raises:
        UserError: If it names any and keras does not run on JAX, or they cannot be reached.
    """
    stated = os.environ.get(ADDRESSES)
    if not stated:
        return
    if keras.backend.backend() != "jax":
        raise UserError(
            "Several processes train together with keras on JAX: set KERAS_BACKEND=jax, or unset "
            f"{ADDRESSES}. Received: KERAS_BACKEND={keras.backend.backend()}"
        )
    import jax

    if jax.distributed.is_initialized():
        return
    try:
        keras.distribution.initialize()
    except (RuntimeError, ValueError, TypeError) as error:
        raise UserError(
            f"The processes that train together did not meet ({error}): check {ADDRESSES}, "
            "KERAS_DISTRIBUTION_NUM_PROCESSES and KERAS_DISTRIBUTION_PROCESS_ID. "
            f"Received: {ADDRESSES}={stated!r}"
        ) from error
