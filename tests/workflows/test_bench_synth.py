"""The speed of simulation: a row a preset, and numbers that a clock can give."""

import cv2

from nanozoo.synth.presets import PRESETS


def test_command(script, capsys):
    threads = cv2.getNumThreads()
    script("bench_synth").main(["--count", "1"])
    cv2.setNumThreads(threads)
    _, *lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["random_config", "realistic_config", *PRESETS]
    assert all(0.05 < float(line.split()[1]) < 1e4 for line in lines)
