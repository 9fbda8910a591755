"""What editors and type checkers see of the package is what it loads."""

import ast
from pathlib import Path

import nanozoo


def test_both_lists_of_public_names_are_equal():
    tree = ast.parse(Path(nanozoo.__file__).read_text("utf-8"))
    (guarded,) = [node for node in tree.body if isinstance(node, ast.If)]
    seen = {
        alias.asname: (node.module, alias.name)
        for node in guarded.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == {name: (module, name) for name, module in nanozoo._PUBLIC.items()}


def test_every_public_name_can_be_loaded():
    for name in nanozoo.__all__:
        assert getattr(nanozoo, name) is not None
    assert (Path(nanozoo.__file__).parent / "py.typed").is_file()
