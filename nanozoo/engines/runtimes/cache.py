"""Where engines keep files in the cache, and how those are told from damaged ones."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import platform
import re
from pathlib import Path

from nanozoo.checkpoints.config import Checkpoint
from nanozoo.core.downloads import cache_folder
from nanozoo.core.files import sha256_of, write_bytes


def cached(checkpoint: Checkpoint, *parts: object) -> Path:
    """Start of a path in the cache that belongs to a network and to these JSON values."""
    about = checkpoint.model, checkpoint.arguments, checkpoint.weights
    key = hashlib.sha256(json.dumps([*parts, *about], sort_keys=True).encode()).hexdigest()[:16]
    name = re.sub(r"[^\w.-]", "_", checkpoint.name)
    return cache_folder() / "engines" / f"{name}-{key}-"


def find_hashed(prefix: Path) -> Path | None:
    """The ONNX file of `keep_hashed` if it is there whole; damaged ones are removed."""
    for path in sorted(prefix.parent.glob(f"{prefix.name}*.onnx")):
        if path.stem.endswith(sha256_of(path)[:16]):
            return path
        path.unlink()
    return None


def keep_hashed(prefix: Path, content: bytes, kind: str) -> Path:
    """Write an ONNX file whose name ends with its kind (a tag of the model) and its own hash."""
    own = hashlib.sha256(content).hexdigest()[:16]
    path = prefix.with_name(f"{prefix.name}{kind}-{own}.onnx")
    write_bytes(path, content)
    return path


def machine_record(checkpoint: Checkpoint, name: str, *parts: object) -> Path:
    """Path of what was measured once of a network on this machine, `name` at its end."""
    machine = (
        platform.node(),
        platform.machine(),
        platform.processor(),
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        os.environ.get("KERAS_BACKEND"),
    )
    start = cached(checkpoint, machine, *parts)
    return start.with_name(f"{start.name}{name}.json")


def versions(packages: tuple[str, ...]) -> dict[str, str | None]:
    """Versions of installed packages, None for others."""
    found: dict[str, str | None] = {}
    for name in packages:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = None
    return found
