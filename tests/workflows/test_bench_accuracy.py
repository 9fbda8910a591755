from pathlib import Path

import cv2
import numpy as np
import pytest

from nanozoo.workflows.benchmark import BenchmarkResult


@pytest.fixture(scope="module")
def command(script):
    return script("bench_accuracy")


def row(score: str, mean: float, low: float) -> dict:
    return {"dataset": "a", "method": "net", "score": score, "images": 4} | {
        "mean": mean,
        "low": low,
        "high": 0.9,
    }


def test_report_tells_better_worse_open_and_too_few(command):
    nan = float("nan")
    scores = [row(name, nan if name == "ap" else 0.5, 0.25) for name in command.COLUMNS]
    pair = {"dataset": "a", "first": "net", "second": "otsu", "quantity": "contrast"}
    numbers = (("1-2", 1, 0.1, 0.3), ("2-4", 1, -0.1, 0.3), ("4-8", 1, -0.3, -0.1))
    paired = [
        pair | {"bin": name, "particles": 50, "counts": counts} | {"low": low, "high": high}
        for name, counts, low, high in (*numbers, (">=8", 0, 0.1, 0.3))
    ]
    paired = [line | {"mean": (line["low"] + line["high"]) / 2} for line in paired]
    one = {"dataset": "a", "method": "net", "quantity": "all", "bin": "all", "particles": 50}
    bins = [one | {"mean": 0.5, "low": nan, "high": nan}]
    text = command.report(
        BenchmarkResult(Path("."), summary=scores, bins=bins, paired_bins=paired)
    )
    assert "### a: 4 images" in text
    (line,) = [line for line in text.splitlines() if line.startswith("| net | 0.500")]
    assert line.count("0.500 [0.250, 0.900]") == len(command.COLUMNS) - 1 and "|  |" in line
    verdicts = [line.split("|")[-2].strip() for line in text.splitlines() if "net - otsu" in line]
    assert verdicts == ["better", "open", "worse", "too few"]


def test_a_method_that_takes_hours_on_a_dataset_runs_there_only_if_it_is_named(
    command, monkeypatch, tmp_path, capsys
):
    slow, folder = "sage-soot-tem", tmp_path / "data"
    monkeypatch.setattr(command, "default_methods", lambda: ["ellipse", "otsu"])
    monkeypatch.setattr(command, "SPLITS", tmp_path)
    for name in (slow, "quick"):
        lines = ["name,split"]
        for number in range(2):
            labels = np.zeros((60, 60), np.uint16)
            labels[10 : 30 + number, 15:40] = 1
            for kind, pixels in (("images", 60 + 100 * (labels > 0)), ("masks", labels)):
                path = folder / name / kind / f"{number}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                cv2.imwrite(str(path), pixels.astype(labels.dtype if kind == "masks" else "u1"))
            lines.append(f"{number},test")
        (tmp_path / f"{name}.csv").write_text("\n".join(lines) + "\n")
    words = ["--data", str(folder), "--out", str(tmp_path / "out")]
    assert command.main([*words, "--datasets", f"{slow},quick"]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"ellipse takes hours on {slow} and is left out there")
    first, second = said.split("### quick:")[0], said.split("### quick:")[1].split("###")[0]
    assert "| otsu |" in first and "| ellipse |" not in first
    assert "| otsu |" in second and "| ellipse |" in second
    assert command.main([*words, "--datasets", slow, "--methods", "ellipse", "--restart"]) == 0
    said = capsys.readouterr().out
    assert "| ellipse |" in said and "left out" not in said


def test_missing_data_is_one_sentence(command, monkeypatch, capsys):
    monkeypatch.delenv("NANOZOO_DATA", raising=False)
    assert command.main([]) == 2
    assert capsys.readouterr().err.count("\n") == 1
