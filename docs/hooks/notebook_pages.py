"""A notebook as a page: its text, its code, and the outputs that are saved in it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from pathlib import Path

_PICTURES = {"image/jpeg": "jpg", "image/png": "png"}


def notebook_page(path: Path) -> tuple[str, dict[str, bytes]]:
    """Convert a notebook.

    Args:
        path: `.ipynb` of format 4.

    Returns:
        Markdown, and the pictures by the names that it gives them.
    """
    parts: list[str] = []
    pictures: dict[str, bytes] = {}
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        text = "".join(cell["source"]).strip()
        if cell["cell_type"] == "markdown":
            parts.append(text)
        elif text:
            parts.append(f"```python\n{text}\n```")
            parts += _outputs(cell["outputs"], path.stem, pictures)
    download = f"This page is the notebook [{path.name}]({path.name}) with its saved outputs."
    return "\n\n".join([parts[0], download, *parts[1:]]) + "\n", pictures


def notebook_list(paths: Iterable[Path], folder: str) -> str:
    """Make a table of notebooks: their titles and first sentences.

    Args:
        paths: The notebooks, in the order of the course.
        folder: Of the notebooks, relative to the page that shows the table.
    """
    rows = ["| Notebook | What it does |", "| --- | --- |"]
    for path in paths:
        first = "".join(json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"])
        title, text = first.removeprefix("# ").split("\n", 1)
        sentence = re.split(r"(?<=[.?])\s", text.strip(), maxsplit=1)[0]
        rows.append(f"| [{title}]({folder}/{path.name}) | {sentence} |")
    return "\n".join(rows)


def _outputs(outputs: Iterable[dict], stem: str, pictures: dict[str, bytes]) -> list[str]:
    parts = []
    for output in outputs:
        data = output.get("data", {})
        kind = next((kind for kind in _PICTURES if kind in data), None)
        if kind:
            name = f"{stem}-{len(pictures) + 1}.{_PICTURES[kind]}"
            pictures[name] = base64.b64decode("".join(data[kind]))
            parts.append(f"![Output of the cell above]({name})")
            continue
        text = "".join(output.get("text", data.get("text/plain", ""))).strip("\n")
        if text:
            parts.append(f"```text\n{text}\n```")
    return parts
