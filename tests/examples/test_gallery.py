"""The gallery script in its smallest form."""

from __future__ import annotations

import runpy
from pathlib import Path

from nanozoo.io.micrograph import read_micrograph

SCRIPT = Path(__file__).parents[2] / "examples" / "plot_unet_kernel_size.py"


def test_kernel_size_example_draws_both_panels(tmp_path, monkeypatch, tiny_checkpoint):
    monkeypatch.setenv("NANOZOO_SCENES", "1")
    monkeypatch.setenv("NANOZOO_METHODS", f"{tiny_checkpoint},hybrid")
    monkeypatch.setenv("NANOZOO_OUT", str(tmp_path))
    names = runpy.run_path(str(SCRIPT))
    for fields in names["fields"].values():
        sizes = [field.px for field in fields]
        assert sizes == sorted(set(sizes))
    assert {row["method"] for row in names["bins"]} == {"tiny", "hybrid"}
    assert read_micrograph(tmp_path / "unet_kernel_size.png").pixels.std() > 0
