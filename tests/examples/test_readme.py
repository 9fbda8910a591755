"""What the README lists is what there is, and its command lines are understood."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

import nanozoo
import nanozoo.backbones
import nanozoo.baselines
import nanozoo.checkpoints
import nanozoo.models
import nanozoo.training.losses  # noqa: F401  (fills the registries)
from nanozoo.cli.main import build_parser
from nanozoo.core.registry import BACKBONES, BASELINES, CHECKPOINTS, LOSSES, MODELS, Registry

ROOT = Path(__file__).parents[2]
RECIPES = ROOT / "benchmarks" / "recipes"
README = (ROOT / "README.md").read_text(encoding="utf-8")


def rows(title: str) -> list[list[str]]:
    """Cells of the first table under a heading, without its head."""
    section = re.split(rf"^#+ {re.escape(title)}$", README, flags=re.MULTILINE)[1]
    table = re.search(r"(^\|.*\|\n)+", section, flags=re.MULTILINE).group()
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]
    ]


@pytest.mark.parametrize(
    ("title", "registry"),
    [
        ("Models", MODELS),
        ("Backbones", BACKBONES),
        ("Checkpoints", CHECKPOINTS),
        ("Thresholding methods", BASELINES),
        ("Losses", LOSSES),
    ],
)
def test_tables_list_the_registries(title: str, registry: Registry):
    listed = [name for row in rows(title) for name in re.findall(r"`([^`]+)`", row[0])]
    assert sorted(listed) == registry.names()


def test_every_command_has_an_example_that_parses():
    parser = build_parser()
    listed = []
    for _, example in rows("Command line"):
        words = shlex.split(example.strip("`"))
        assert words[0] == "nanozoo"
        assert callable(parser.parse_args(words[1:]).run)
        listed.append(words[1])
    commands = next(action for action in parser._actions if action.choices)
    assert sorted(set(listed)) == sorted(commands.choices)


def test_every_recipe_has_a_row():
    text = (RECIPES / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| \[(\w+\.py)\]", text, flags=re.MULTILINE)
    assert sorted(named) == sorted(path.name for path in RECIPES.glob("*.py"))


def test_the_changelog_has_the_version():
    assert f"## [{nanozoo.__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
