"""Execute notebooks in place, and print how long each took and how large it is.

python examples/run_notebooks.py [notebooks/01_quickstart.ipynb ...]

What a notebook shows is kept; when its cells ran, and what libraries wrote to standard error, is
not: that is printed here instead.
"""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from nanozoo.core.files import write_text

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
LONGEST = 600
"""Seconds a cell may take."""


def execute(path: Path) -> nbformat.NotebookNode:
    """Run a notebook from top to bottom in its folder, with fresh outputs and nothing else new."""
    notebook = nbformat.read(path, as_version=4)
    for number, cell in enumerate(notebook.cells):
        cell.id, cell.metadata = f"cell-{number:02d}", {}
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    settings = {"timeout": LONGEST, "record_timing": False, "coalesce_streams": True}
    NotebookClient(notebook, resources={"metadata": {"path": path.parent}}, **settings).execute()
    notebook.metadata["language_info"] = {"name": "python"}
    return notebook


def take_errors(notebook: nbformat.NotebookNode) -> str:
    """Remove what was written to standard error, and return it."""
    written = ""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            errors = [one for one in cell.outputs if one.get("name") == "stderr"]
            written += "".join(one.text for one in errors)
            cell.outputs = [one for one in cell.outputs if one not in errors]
    return written


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("paths", nargs="*", type=Path, help="all of notebooks/ if none is given")
    options = parser.parse_args()
    print("| notebook | wall, s | processor, s | kB |\n| --- | --- | --- | --- |")
    for path in options.paths or sorted(NOTEBOOKS.glob("*.ipynb")):
        start, before = time.monotonic(), _processor_seconds()
        notebook = execute(path.resolve())
        wall, used = time.monotonic() - start, _processor_seconds() - before
        errors = take_errors(notebook)
        write_text(path, nbformat.writes(notebook) + "\n")
        print(f"| {path.stem} | {wall:.0f} | {used:.0f} | {path.stat().st_size / 1000:.0f} |")
        print(errors, end="", flush=True)


def _processor_seconds() -> float:
    """Of all processes that this one has started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
