"""Model cards as pages: the card, where the checkpoint fails, and its configuration."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

USES = {
    "classification": "nanozoo measure images/ --checkpoint unet --shapes {name} --out results",
    "autoencoder": "nanozoo embed images/ --checkpoint {name} --out results",
    "": "nanozoo segment images/ --checkpoint {name} --out results",
}
"""What a checkpoint is for, by its tag."""


def shipped(folder: Path) -> dict[str, dict[str, Any]]:
    """What `ship` is told of each checkpoint, by name, read without running it.

    Args:
        folder: `nanozoo/checkpoints`.
    """
    found = {}
    for path in sorted(folder.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ship":
                known = {
                    word.arg: ast.literal_eval(word.value)
                    for word in node.keywords
                    if word.arg in ("summary", "tags")
                }
                found[ast.literal_eval(node.args[0])] = known
    return found


def card_page(folder: Path, tags: tuple[str, ...], picture: str | None, caption: str) -> str:
    """Make the page of a checkpoint.

    Args:
        folder: Of the checkpoint, with `card.md` and `config.json`.
        tags: Of its entry in the registry.
        picture: Path of its failure picture, relative to the page; None without one.
        caption: What the picture shows.
    """
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    use = next((text for tag, text in USES.items() if tag in tags), USES[""])
    parts = [
        (folder / "card.md").read_text(encoding="utf-8").strip(),
        "## Failure pictures",
        *([f"![Where this checkpoint fails]({picture})"] if picture else []),
        f"{caption} Drawn by `python docs/scripts/make_failures.py --only {folder.name}`.",
        "## Use",
        f"```\n{use.format(name=folder.name)}\n```",
        "## Configuration",
        f"Builder `{config['model']}`" + _classes(config["classes"]),
        _table("Argument of the builder", config["arguments"]),
        _table("Inference", config["inference"]),
    ]
    return "\n\n".join(parts) + "\n"


def card_list(known: dict[str, dict[str, Any]]) -> str:
    """Make the table of the checkpoints."""
    rows = [f"| [{name}]({name}.md) | {one['summary']} |" for name, one in sorted(known.items())]
    return "\n".join(["| Checkpoint | What it is for |", "| --- | --- |", *rows])


def _classes(classes: list[str]) -> str:
    return f"; classes {', '.join(f'`{name}`' for name in classes)}." if classes else "."


def _table(title: str, values: dict[str, Any]) -> str:
    rows = [f"| `{name}` | `{json.dumps(value)}` |" for name, value in sorted(values.items())]
    return "\n".join([f"| {title} | Value |", "| --- | --- |", *rows])
