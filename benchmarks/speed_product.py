"""A matrix product of float32 as a process, which tells how fast the machine is at the moment."""

from __future__ import annotations

from speed_protocol import read_arguments, serve

SIDE = 1024
"""Rows and columns of both matrices."""

GFLOP = 2 * SIDE**3 / 1e9
"""Operations of the product, 10^9."""


def main() -> None:
    """Multiply when asked to."""
    read_arguments()
    import numpy as np

    left, right = np.random.default_rng(0).random((2, SIDE, SIDE), np.float32)
    out = np.empty_like(left)

    def product() -> None:
        np.matmul(left, right, out=out)

    for _ in range(3):
        product()
    serve(f"NumPy {np.__version__}", {"product": product})


if __name__ == "__main__":
    main()
