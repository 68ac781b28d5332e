"""The arrows between the packages, read off the imports."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FORBIDDEN = {
    "trainer": {"sweeps", "cluster", "ray"},
    "sweeps": {"ray", "trainer", "cluster"},
    "cluster": {"trainer"},
}
FACE = {"sweeps/face.py"}


def imports(path, lazily=True):
    """The top-level packages a file imports; without the lazy ones, only those at its top level."""
    tree = ast.parse(path.read_text())
    nodes = ast.walk(tree) if lazily else tree.body
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("package", FORBIDDEN)
def test_packages_import_in_one_direction(package):
    files = sorted((ROOT / package).rglob("*.py"))
    assert files
    for path in files:
        name = path.relative_to(ROOT).as_posix()
        assert not FORBIDDEN[package] & set(imports(path, lazily=name not in FACE)), name


def test_the_face_is_all_that_reaches_every_package():
    found = {name for path in FACE for name in imports(ROOT / path)}
    assert {"cluster", "trainer"} <= found


def test_deciders_do_not_execute_or_store():
    files = sorted((ROOT / "sweeps" / "schedulers").rglob("*.py"))
    assert files
    for path in files:
        modules = {
            node.module
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.ImportFrom) and node.module
        }
        assert not {
            m for m in modules if m.startswith(("sweeps.execution", "sweeps.tables", "sweeps.loop"))
        }, path
