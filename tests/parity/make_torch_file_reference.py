"""Small files that torch itself saved, in both of its formats.

Run `python tests/parity/make_torch_file_reference.py` from the repository root where torch is
installed; it writes `tests/golden/torch_zip.pt` and `tests/golden/torch_legacy.pt`. The tests
need `seeded_arrays` only.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

GOLDEN = Path(__file__).parents[1] / "golden"


def seeded_arrays() -> dict[str, np.ndarray]:
    """What the files hold, by name."""
    generator = np.random.default_rng(3)
    base = generator.standard_normal((6, 10)).astype(np.float32)
    return {
        "float32": base,
        "transposed": base.T,
        "columns": base[1:5, 2::3],
        "float16": generator.standard_normal((3, 4)).astype(np.float16),
        "float64": generator.standard_normal(5),
        "int64": generator.integers(-(2**40), 2**40, (2, 2)),
        "bool": generator.random(7) < 0.5,
        "scalar": np.array(7, np.int64),
        "empty": np.zeros((0, 3), np.float32),
        "parameter": generator.standard_normal((4, 2)).astype(np.float32),
    }


def main() -> None:
    import torch

    arrays = {name: np.ascontiguousarray(value) for name, value in seeded_arrays().items()}
    base = torch.from_numpy(arrays["float32"])
    tensors = {name: torch.from_numpy(value.copy()) for name, value in arrays.items()}
    tensors |= {"float32": base, "transposed": base.T, "columns": base[1:5, 2::3]}
    tensors["parameter"] = torch.nn.Parameter(tensors["parameter"])
    tensors["scalar"] = torch.tensor(7)
    layer = torch.nn.BatchNorm2d(3)
    content = {
        "state_dict": {f"module.{name}": tensor for name, tensor in tensors.items()},
        "layer": layer.state_dict(),
        "epoch": 12,
        "scores": [0.5, None, "best"],
    }
    torch.save(content, GOLDEN / "torch_zip.pt")
    torch.save(content, GOLDEN / "torch_legacy.pt", _use_new_zipfile_serialization=False)


if __name__ == "__main__":
    main()
