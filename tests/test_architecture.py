"""The house rules that a machine can check."""

import ast
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = sorted((ROOT / "nanozoo").rglob("*.py"))
LONGEST = 400


def run(*command, **env):
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **env}, capture_output=True, text=True
    )


def test_imports_run_one_way():
    done = run(Path(sys.executable).with_name("lint-imports"), "--no-cache")
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_file_is_longer_than_the_limit():
    files = [*PACKAGE, *(ROOT / "tests").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")]
    long = {
        str(path.relative_to(ROOT)): length
        for path in files
        if (length := len(path.read_text("utf-8").splitlines())) > LONGEST
    }
    assert not long


def test_every_file_says_what_it_is():
    missing = [
        str(path.relative_to(ROOT))
        for path in PACKAGE
        if not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert not missing


def test_no_lambda_layers_and_no_bare_except():
    for path in PACKAGE:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            assert not (isinstance(node, ast.Attribute) and node.attr == "Lambda"), path
            assert not (isinstance(node, ast.ExceptHandler) and node.type is None), path


def test_import_is_quick():
    code = (
        "import sys, nanozoo; "
        "print([m for m in ('keras', 'tensorflow', 'jax', 'matplotlib') if m in sys.modules])"
    )
    done = run(sys.executable, "-c", code)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def test_models_build_and_predict_where_tensorflow_is_missing():
    """A module of TensorFlow that fails to import stands for a machine without it."""
    code = (
        "import sys; sys.modules['tensorflow'] = None; "
        "import numpy, nanozoo, nanozoo.training.fit, nanozoo.engines.predictor; "
        "model = nanozoo.build_unet((32, 32, 1), backbone='plain'); "
        "model.predict(numpy.zeros((2, 32, 32, 1), 'float32'), verbose=0)"
    )
    quick = "--xla_backend_optimization_level=0"
    done = run(sys.executable, "-c", code, KERAS_BACKEND="jax", XLA_FLAGS=quick)
    assert done.returncode == 0, done.stderr[-2000:]
