"""`./quartier` itself: standard library only, and plain words when a step fails."""

import ast
import importlib.util
import sys
from importlib.machinery import SourceFileLoader
from types import ModuleType

import pytest

from quartier.settings import CHECKOUT

SCRIPT = CHECKOUT / "quartier"


@pytest.fixture
def script() -> ModuleType:
    loader = SourceFileLoader("quartier_script", str(SCRIPT))
    spec = importlib.util.spec_from_loader("quartier_script", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def test_it_needs_nothing_but_python() -> None:
    tree = ast.parse(SCRIPT.read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names
    assert SCRIPT.stat().st_mode & 0o111


def test_a_step_that_fails_says_what_to_do(script: ModuleType, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        script.run("Installer", "Is the index within reach?", sys.executable, "-c", "raise SystemExit(3)")
    assert ended.value.code == "This step failed (3); its words are above. Is the index within reach?"
    assert capfd.readouterr().err == "  Installer ...\n"


def test_what_was_set_up_is_not_set_up_again(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: "pytest.TempPathFactory"
) -> None:
    """A stamp of locks and Python stands for the whole; another Python or lock makes it anew."""
    steps: list[str] = []
    monkeypatch.setattr(script, "VENV", tmp_path)
    monkeypatch.setattr(script, "PYTHON", CHECKOUT / "quartier")  # anything that is there

    def run(what: str, *_: object) -> None:
        steps.append(what)
        (script.VENV / "lib" / "python3.11" / "site-packages").mkdir(parents=True, exist_ok=True)

    monkeypatch.setattr(script, "run", run)
    script.furnish("requirements.lock")
    assert len(steps) in {2, 3}  # with uv on the path, or without
    script.furnish("requirements.lock")
    assert len(steps) in {2, 3}
    paths = next(script.VENV.glob("lib/*/site-packages/quartier.pth")).read_text()
    assert paths == f"{CHECKOUT}/platform\n{CHECKOUT}/graphql\n"
    monkeypatch.setattr(script.sys, "version", "3.99")
    script.furnish("requirements.lock")
    assert len(steps) in {4, 6}
