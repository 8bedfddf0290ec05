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


@pytest.mark.slow
def test_the_pages_are_walked_and_a_limit_is_told_by_the_exit_code(tmp_path: Path) -> None:
    out = tmp_path / "pages.json"
    small = ["--pages", "--rounds", "2", "--size", "100", "400", "10", "20", "8", "--lines", "60", "--out", str(out)]
    done = subprocess.run([CHECKOUT / "quartier", "bench", *small], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    listed = [
        line.rpartition(": ")[0]
        for line in (CHECKOUT / "tests/console/pages.txt").read_text("utf-8").splitlines()
        if not line.startswith("#")
    ]
    assert [each["page"] for each in json.loads(out.read_text())["pages"]] == listed
    strict = [*small, "--only", "/wieder-da", "--limit", "0.001"]
    done = subprocess.run([CHECKOUT / "quartier", "bench", *strict], capture_output=True, text=True, timeout=300)
    assert (done.returncode, "above 0.001 ms: /wieder-da" in done.stdout) == (1, True), done.stderr
