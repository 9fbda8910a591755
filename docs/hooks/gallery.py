"""A script of the gallery as a page: its text, its code, and the figures that it draws."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from pathlib import Path


def gallery_page(path: Path, figures: Sequence[Path]) -> str:
    """Convert a script whose cells begin with `# %%` and a comment.

    Args:
        path: Script whose docstring is the introduction.
        figures: Committed figures, named `<script>-<figure>`; each is shown after the
            cell that names its file, or at the end.

    Returns:
        Markdown; figures are linked by their names.
    """
    text = path.read_text(encoding="utf-8")
    docstring = ast.get_docstring(ast.parse(text)) or ""
    docstring = re.sub(r"^(python .*)$", r"```\n\1\n```", docstring, flags=re.MULTILINE)
    body = text.split('"""', 2)[2]
    left = {one.stem.removeprefix(f"{path.stem}-") + ".png": one.name for one in figures}
    parts = [docstring]
    for cell in re.split(r"^# %%\n", body, flags=re.MULTILINE):
        lines = cell.strip("\n").split("\n")
        length = next((n for n, line in enumerate(lines) if not line.startswith("#")), len(lines))
        parts.append("\n".join(line.removeprefix("#").lstrip() for line in lines[:length]))
        code = "\n".join(lines[length:]).strip("\n")
        if code:
            parts.append(f"```python\n{code}\n```")
        parts += [_figure(left.pop(name)) for name in sorted(left) if name in code]
    parts += [_figure(name) for name in left.values()]
    return "\n\n".join(part for part in parts if part) + "\n"


def _figure(name: str) -> str:
    return f"![Figure of this example]({name})"
