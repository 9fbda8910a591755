"""`nanozoo datasets`: a list without tensorflow, and one line about a mistake."""

import json
import subprocess
import sys

import pytest

from nanozoo.cli.main import main
from nanozoo.core.registry import DATASETS

PUBLIC = ("emps", "bam_tio2", "groschner_gold", "horwath_gold", "uhcs", "nffa_sem")


def test_json_lists_every_dataset_with_its_licence_and_source(capsys):
    assert main(["datasets", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)["datasets"]}
    assert list(rows) == DATASETS.names() and set(PUBLIC) <= set(rows)
    for name in PUBLIC:
        row = rows[name]
        assert row["images"] > 0 and row["annotation"] and row["licence"]
        assert row["source"].startswith("https://") and row["shows"]
        assert row["download"] == ("manual" if row["instructions"] else "automatic")
    assert rows["bam_tio2"]["checked_by"] == "MD5" and rows["horwath_gold"]["checked_by"] == ""
    assert rows["folder"]["images"] is None and rows["folder"]["download"] == "local"


def test_text_tells_how_to_get_what_is_not_fetched_by_itself(capsys):
    assert main(["datasets"]) == 0
    printed = capsys.readouterr().out
    for entry in DATASETS:
        assert f"{entry.name}: {entry.card.shows}\n" in printed
        assert entry.card.manual in printed and entry.card.licence in printed


def test_list_is_quick():
    code = (
        "import sys; from nanozoo.cli.main import main; main(['datasets']);"
        "sys.exit(any(m in sys.modules for m in ('tensorflow', 'tensorflow_datasets', 'keras')))"
    )
    assert subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL).returncode == 0


@pytest.mark.parametrize(
    "words, sentence",
    [
        (["emps"], "Expected --out DIR"),
        (["empz", "--out", "x"], "no dataset called 'empz'. Did you mean emps"),
        (["coco", "--out", "x"], "made on your machine"),
        (["horwath_gold", "--out", "x"], "has to be fetched by hand"),
    ],
)
def test_a_mistake_is_one_line_and_leaves_nothing(words, sentence, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["datasets", *words]) == 2
    error = capsys.readouterr().err
    assert sentence in error and error.count("\n") == 1
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
