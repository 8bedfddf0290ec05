"""The bench still runs: seeded, all paths answering alike, every figure there. Nothing is said about the figures."""

import json
import subprocess
from pathlib import Path

import pytest

from quartier.settings import CHECKOUT


@pytest.mark.slow
def test_a_small_bench_runs_to_its_end(tmp_path: Path) -> None:
    out = tmp_path / "bench.json"
    small = ["--rounds", "1", "--seconds", "0.5", "--size", "200", "8000", "20", "40", "20", "--out", str(out)]
    done = subprocess.run([CHECKOUT / "quartier", "bench", *small], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    paths = json.loads(out.read_text())["paths"]
    assert {name: set(by) for name, by in paths.items()} == dict.fromkeys(
        ("compiled", "floor", "ordinary"), {"one", "page", "day"}
    )
