"""Records of images that were done before, so that a run goes on."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from nanozoo.io.micrograph import Micrograph

Record = dict[str, Any]


def pixels_digest(micrograph: Micrograph) -> str:
    """SHA-256 of the pixels and of the pixel size that the file states."""
    pixels = micrograph.pixels
    about = f"{pixels.shape} {pixels.dtype} {micrograph.pixel_size_nm}".encode()
    digest = hashlib.sha256(about)
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()


def earlier_record(path: Path, out: Path, parameters: Record) -> Record | None:
    """The record of an earlier run with the same parameters, if all of its files are there.

    Args:
        path: File of the record: "parameters", "files" and what else there is.
        out: Folder of its files.
        parameters: Those of this run, as JSON values.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        same = record["parameters"] == json.loads(json.dumps(parameters))
        whole = all((out / name).is_file() for name in record["files"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return record if same and whole else None
