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

# They take long to compile; tests/models/test_maskrcnn.py and test_gan.py have it done on JAX.
SLOW_FOR_DETECTORS = (checks.check_training, checks.check_jit, checks.check_seeded)
SLOW_FOR_GANS = (checks.check_training,)


def pairs():
    """Every check with every case, and whether that is slow."""
    for check in CHECKS:
        for parameter in CASES:
            case = parameter.values[0]
            slow = case.is_detector and check in SLOW_FOR_DETECTORS
            slow |= case.is_gan and check in SLOW_FOR_GANS
            yield pytest.param(
                check,
                case,
                id=f"{check.__name__.removeprefix('check_')}-{parameter.id}",
                marks=[pytest.mark.slow] if slow else parameter.marks,
            )


@pytest.mark.parametrize(("check", "case"), pairs())
def test_contract(check, case):
    check(case)


@pytest.mark.parametrize("entry", ENTRIES)
def test_docstring(entry):
    checks.check_docstring(entry)
