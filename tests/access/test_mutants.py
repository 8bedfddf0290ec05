"""A check that is taken out is noticed, by the test that is named beside it in `mutants.py`."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from access.mutants import MUTANTS, Mutant

from quartier.settings import CHECKOUT

HERE = Path(__file__).parent


def called(mutant: Mutant) -> str:
    return f"{mutant.file}: {' '.join(mutant.check.split())[:60]}"


@pytest.mark.parametrize("mutant", MUTANTS, ids=called)
def test_every_check_stands_once_and_the_test_that_holds_it_is_there(mutant: Mutant) -> None:
    assert (CHECKOUT / mutant.path).read_text("utf-8").count(mutant.check) == 1
    assert mutant.check != mutant.without
    file, _, test = mutant.test.partition("::")
    assert f"def {test}(" in (HERE / file).read_text("utf-8")


@pytest.fixture(scope="session")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The house once more, to be broken: what a commit would hold."""
    made = tmp_path_factory.mktemp("mutants") / "house"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=CHECKOUT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        if (CHECKOUT / name).is_file():
            (made / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(CHECKOUT / name, made / name)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.mark.slow
@pytest.mark.parametrize("mutant", MUTANTS, ids=called)
def test_without_the_check_its_test_is_red(copy: Path, mutant: Mutant) -> None:
    file = copy / mutant.path
    text = file.read_text("utf-8")
    paths = os.pathsep.join(str(copy / part) for part in ("platform", "graphql", "tests"))
    file.write_text(text.replace(mutant.check, mutant.without), "utf-8")
    try:
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", f"tests/access/{mutant.test}"],
            cwd=copy, capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": paths}, timeout=300,
        )  # fmt: skip
    finally:
        file.write_text(text, "utf-8")
    assert ran.returncode == 1, ran.stdout[-2000:]  # 0: nobody noticed; else: the test could not even begin
