"""The contract matrix: every check on every network; the full product is slow."""

import checks
import pytest
from cases import CASES, ENTRIES

CHECKS = [
    checks.check_static_shapes,
    checks.check_finite,
    checks.check_variable_size,
    checks.check_training,
    checks.check_jit,
    checks.check_mixed_precision,
    checks.check_seeded,
]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__.removeprefix("check_"))
def test_contract(check, case):
    check(case)


@pytest.mark.parametrize("entry", ENTRIES)
def test_docstring(entry):
    checks.check_docstring(entry)
