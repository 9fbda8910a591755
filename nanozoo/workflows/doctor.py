"""What there is of all that nanozoo can use, what is missing, and what brings it."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from packaging.requirements import Requirement

import nanozoo
import nanozoo.checkpoints
import nanozoo.engines.runtimes  # noqa: F401  (fills the registries)
from nanozoo.checkpoints.config import open_checkpoint
from nanozoo.core.downloads import cache_folder
from nanozoo.core.errors import UserError
from nanozoo.core.files import nearest_existing, sha256_of
from nanozoo.core.progress import Counter, Watcher
from nanozoo.core.registry import CHECKPOINTS, ENGINES
from nanozoo.workflows.probe import Probe, probe

BACKENDS = ("tensorflow", "jax", "torch")
"""Of Keras."""

ESSENTIAL = ("keras", "numpy", "scipy", "opencv-python", "scikit-image")
"""Packages without which nothing works, beside the chosen backend."""

ON_TENSORFLOW = ("keras-cv", "tf-keras-vis", "tensorflow-datasets")
"""Packages that import TensorFlow; its process imports them."""

LEFT_OUT = ("dev", "docs", "notebooks")
"""Extras for those who work on nanozoo itself."""

SHIPPED_BACKBONE = "nanozoo.backbones.efficientnet_lite0:check_weights"

GIB = 1 << 30


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Args:
        part: Heading that it belongs to.
        name: What it is.
        found: What there is, such as a version.
        problem: A sentence on what is wrong, with the remedy; "" if nothing is.
        essential: Whether nanozoo does not work at all with this problem.
    """

    part: str
    name: str
    found: str
    problem: str = ""
    essential: bool = False


def doctor(progress: Watcher | None = None) -> list[Finding]:
    """Look at packages, backends, devices, engines, extras, folders and shipped checkpoints.

    Libraries are imported in processes of their own, at once and for at most four
    minutes. Extras and what they need are those of the installed package.

    Args:
        progress: Told of every part.

    Returns:
        What was found; nanozoo works if no essential finding has a problem.

    Example:
        >>> from nanozoo.workflows.doctor import checkpoints, folders, machine  # parts of it
        >>> found = [*machine(), *folders(), *checkpoints()]
        >>> [one.problem for one in found if one.essential and one.problem]
        []
    """
    counter = Counter(progress, 2)
    counter.start("importing libraries")
    wanted = _requirements()
    probes = probe(_jobs(wanted))
    counter.finish()
    counter.start("shipped weights")
    findings = [*_versions(wanted, probes), *_backends(wanted, probes), *_engines(wanted)]
    findings += [*_features(wanted, probes), *machine(), *folders(), *checkpoints()]
    problem = probes[_chosen()].problems.get(SHIPPED_BACKBONE, "") if _chosen() in probes else ""
    state = "damaged" if problem else "whole"
    findings.append(Finding("checkpoints", "efficientnet_lite0, imagenet", state, problem, True))
    counter.finish()
    return findings


def _chosen() -> str:
    """The backend that Keras starts on."""
    home = os.environ.get("KERAS_HOME", Path.home() / ".keras")
    try:
        settings = json.loads(Path(home, "keras.json").read_text("utf-8"))
    except (OSError, ValueError):
        settings = {}
    return os.environ.get("KERAS_BACKEND") or settings.get("backend", "tensorflow")


def _requirements() -> dict[str, list[Requirement]]:
    """Requirements by extra, those of all under ""; nothing if nanozoo is not installed."""
    found: dict[str, list[Requirement]] = {"": []}
    try:
        about = importlib.metadata.distribution("nanozoo")
    except importlib.metadata.PackageNotFoundError:
        return found
    listed = [Requirement(text) for text in about.requires or ()]
    for extra in about.metadata.get_all("Provides-Extra") or ():
        found[extra] = [
            one
            for one in listed
            if one.marker and one.marker.evaluate({"extra": extra}) and "extra" in str(one.marker)
        ]
    found[""] = [one for one in listed if "extra" not in str(one.marker or "")]
    return found


def _jobs(wanted: dict[str, list[Requirement]]) -> dict[str, tuple[list[str], dict[str, str]]]:
    """What is imported in which process, of what is installed."""
    modules = _modules()
    chosen = [one for extra, listed in wanted.items() if extra not in LEFT_OUT for one in listed]
    names = dict.fromkeys(one.name for one in chosen if installed(one.name))
    own = {"keras", *BACKENDS, *ON_TENSORFLOW}
    others = [modules[_plain(name)] for name in names if name not in own]
    jobs = {name: (["keras"], {"KERAS_BACKEND": name}) for name in BACKENDS if installed(name)}
    if _chosen() in jobs:
        jobs[_chosen()][0].append(SHIPPED_BACKBONE)
    if "tensorflow" in jobs:
        jobs["tensorflow"][0].extend(modules[_plain(n)] for n in ON_TENSORFLOW if n in names)
    jobs["others"] = (others, {})
    return jobs


def _versions(wanted: dict[str, list[Requirement]], probes: dict[str, Probe]) -> Iterator[Finding]:
    part = "versions"
    yield Finding(part, "python", platform.python_version())
    problem = ""
    if not wanted[""]:
        problem = "nanozoo is not installed as a package: pip install . in its folder"
    yield Finding(part, "nanozoo", nanozoo.__version__, problem)
    for one in wanted[""]:
        if one.name in BACKENDS:
            continue
        problem = _problem(one, probes, str(one))
        yield Finding(
            part, one.name, installed(one.name) or "missing", problem, one.name in ESSENTIAL
        )


def _backends(wanted: dict[str, list[Requirement]], probes: dict[str, Probe]) -> Iterator[Finding]:
    chosen = _chosen()
    for name in BACKENDS:
        version = installed(name)
        found, problem = version or "missing", ""
        if not version:
            problem = _missing([name], _brings(name, wanted))
        elif "keras" in probes[name].problems:
            problem = f"Keras does not start on {name}: {probes[name].problems['keras']}"
        else:
            found += ": " + ", ".join(probes[name].devices)
        if name == chosen:
            found += " (chosen)"
        yield Finding("backends", name, found, problem, name == chosen)
    if chosen not in BACKENDS:
        problem = f"Expected KERAS_BACKEND to be one of {', '.join(BACKENDS)}. Received: {chosen}"
        yield Finding("backends", chosen, "unknown", problem, True)


def _brings(name: str, wanted: dict[str, list[Requirement]]) -> str:
    """What pip installs to get a package: nanozoo with an extra where one has it."""
    for extra, listed in wanted.items():
        if extra not in LEFT_OUT and any(one.name == name for one in listed):
            return f"nanozoo[{extra}]" if extra else "nanozoo"
    return name


def _engines(wanted: dict[str, list[Requirement]]) -> Iterator[Finding]:
    for entry in ENGINES:
        problem = ""
        if missing := entry.card.missing:
            problem = _missing(missing, _brings(missing[0], wanted))
        yield Finding("engines", entry.name, ", ".join(entry.tags), problem)


def _features(wanted: dict[str, list[Requirement]], probes: dict[str, Probe]) -> Iterator[Finding]:
    for extra, listed in wanted.items():
        if not extra or extra in LEFT_OUT:
            continue
        listed = [part for one in listed for part in (one, *_parts(one))]
        found = ", ".join(f"{one.name} {installed(one.name) or 'missing'}" for one in listed)
        missing = [one.name for one in listed if not installed(one.name)]
        remedy = f"nanozoo[{extra}]"
        problems = [_missing(missing, remedy)] if missing else []
        there = (one for one in listed if one.name not in missing)
        problems += filter(None, (_problem(one, probes, remedy) for one in there))
        yield Finding("extras", extra, found, " ".join(problems))


def _parts(one: Requirement) -> list[Requirement]:
    """What the extras of a required package require, where it is installed."""
    if not one.extras or not installed(one.name):
        return []
    listed = map(Requirement, importlib.metadata.requires(one.name) or ())
    return [
        part
        for part in listed
        if part.marker
        and "extra" in str(part.marker)
        and any(part.marker.evaluate({"extra": extra}) for extra in one.extras)
    ]


def _missing(names: list[str], brings: str) -> str:
    are = "is" if len(names) == 1 else "are"
    return f'{" and ".join(names)} {are} not installed: pip install "{brings}"'


def _problem(one: Requirement, probes: dict[str, Probe], brings: str) -> str:
    """What is wrong with a package that is required; `brings` is what pip installs for it."""
    version = installed(one.name)
    if version is None:
        return _missing([one.name], brings)
    if not one.specifier.contains(version, prereleases=True):
        return f'{one.name} {version} is not {one.specifier}: pip install -U "{brings}"'
    if one.name == "keras":
        return ""  # it starts on a backend, or does not
    module = _modules().get(_plain(one.name), one.name)
    if one.name in BACKENDS:
        return probes[one.name].problems.get("keras", "")
    return next((p.problems[module] for p in probes.values() if module in p.problems), "")


def machine() -> list[Finding]:
    """System, processor cores and memory of this machine."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return [
        Finding("machine", "system", platform.platform()),
        Finding("machine", "processor cores", str(cores)),
        Finding("machine", "memory", f"{memory / GIB:.1f} GiB"),
    ]


def folders() -> list[Finding]:
    """The cache and the folder of real micrographs."""
    cache = cache_folder()
    held, free, problem = str(cache), "unknown", ""
    try:
        size = sum(path.stat().st_size for path in _files(cache))
        held += f", {size / GIB:.2f} GiB"
        there = nearest_existing(cache)
        free = f"{shutil.disk_usage(there).free / GIB:.1f} GiB free"
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        problem = (
            f"Cannot write to the cache {cache} ({error.strerror}), so nothing can be downloaded "
            "or converted: name another folder in NANOZOO_CACHE."
        )
    found = [Finding("folders", "cache", held, problem), Finding("folders", "disk", free)]
    data, problem = os.environ.get("NANOZOO_DATA"), ""
    if data and not Path(data).is_dir():
        problem = f"NANOZOO_DATA names no folder: set it anew or unset it. Received: {data}"
    return [*found, Finding("folders", "NANOZOO_DATA", data or "not set", problem)]


def checkpoints() -> list[Finding]:
    """Whether the checkpoints that ship are whole."""
    found = []
    for name in CHECKPOINTS.names():
        problem = ""
        try:
            checkpoint = open_checkpoint(name)
            for file, wanted in checkpoint.weights.items():
                path = checkpoint.folder / file
                if not path.is_file() or sha256_of(path) != wanted:
                    problem = f"The file {path} is missing or damaged: install nanozoo again."
        except UserError as error:
            problem = str(error)
        state = "damaged" if problem else "whole"
        found.append(Finding("checkpoints", name, state, problem, True))
    return found


def installed(name: str) -> str | None:
    """Version of a package, or None where it is not installed."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


@cache
def _modules() -> dict[str, str]:
    """The module that a package is imported by, by its name."""
    found: dict[str, str] = {}
    for module, packages in sorted(importlib.metadata.packages_distributions().items()):
        for package in map(_plain, packages):
            if package not in found or _plain(module) == package:
                found[package] = module
    return found


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _files(folder: Path) -> Iterable[Path]:
    return (path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else ()
