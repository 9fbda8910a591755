"""The report beside an exported file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nanozoo.core.files import write_text


def write_report(folder: Path, report: dict[str, Any]) -> None:
    """Write report.json, and the same as report.md to read."""
    write_text(folder / "report.json", json.dumps(report, indent=1) + "\n")
    write_text(folder / "report.md", report_text(report))


def report_text(report: dict[str, Any]) -> str:
    """The report as Markdown."""
    compared = report["comparison"]
    tensors = {report["input"]["name"]: report["input"], **report["outputs"]}
    lines = [
        f"# {report['checkpoint']} as {report['format']}",
        "",
        f"Computes in {report['precision']}. {report['precision_note']}".strip(),
        "",
        "| Tensor | Shape | Type | Values |",
        "| --- | --- | --- | --- |",
        *(
            f"| `{name}` | {', '.join(map(str, one['shape']))} | {one['dtype']} | {one['range']} |"
            for name, one in tensors.items()
        ),
        "",
        f"Classes in order: {', '.join(report['classes'])}.",
        "",
        "Inside the file:",
        "",
        *(f"- {line}" for line in report["inside"]),
        "",
        "Not inside:",
        "",
        *(f"- {line}" for line in report["outside"]),
        "",
        "How nanozoo gets particles from these: "
        f"`{json.dumps(report['inference'], sort_keys=True)}`.",
        "",
        f"Next to keras in float32 on {compared['scenes']} simulated scenes of "
        f"{compared['side_px']} px (seeds from {compared['seed']}):",
        "",
        "| | |",
        "| --- | --- |",
        f"| Largest difference of a probability | {compared['largest_difference']:.2g} |",
        f"| JSC of keras | {compared['jsc_keras_float32']:.4f} |",
        f"| JSC of the file | {compared['jsc_file']:.4f} |",
        f"| Change | {compared['jsc_change']:+.4f} |",
        "",
        "| File | Bytes | SHA-256 |",
        "| --- | --- | --- |",
        *(
            f"| `{name}` | {one['bytes']} | `{one['sha256']}` |"
            for name, one in report["files"].items()
        ),
        "",
        "Versions: " + ", ".join(f"{name} {it}" for name, it in report["versions"].items()) + ".",
    ]
    return "\n".join(lines) + "\n"
