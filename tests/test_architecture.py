"""The arrows between the packages, read off the imports."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.slow import SLOW

ROOT = Path(__file__).parent.parent
FORBIDDEN = {
    "trainer": {"sweeps", "cluster", "ray"},
    "sweeps": {"ray", "trainer", "cluster"},
    "cluster": {"trainer"},
}
FACE = {f"sweeps/face/{name}.py" for name in ("resolve", "execute", "workers", "cluster", "models/predict")}


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


def modules():
    """Each module's name and file."""
    for package in FORBIDDEN:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def imported(path, known):
    """Our own modules that a file imports at its top level, where it is loaded with it."""
    tree = ast.parse(path.read_text())
    nodes = [node for statement in tree.body if not is_checked_only(statement) for node in walk(statement)]
    for node in nodes:
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            while name and name not in known:
                name = name.rpartition(".")[0]
            yield from [name] if name else []


def walk(statement):
    return [] if isinstance(statement, ast.FunctionDef | ast.ClassDef) else ast.walk(statement)


def is_checked_only(statement):
    return isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.unparse(statement.test)


def room(name, path):
    """The folder a module lies in; where that has folders of its own, each module in it is a room."""
    inner = any(each.is_dir() for each in path.parent.iterdir() if each.name != "__pycache__")
    return name if inner else path.parent.relative_to(ROOT).as_posix()


def test_no_module_and_no_room_imports_in_a_circle():
    known = dict(modules())
    files = {name: set(imported(path, known)) - {name} for name, path in known.items()}
    list(TopologicalSorter(files).static_order())  # raises CycleError, which names the circle
    rooms = {}
    for name, path in known.items():
        here = room(name, path)
        rooms.setdefault(here, set()).update(room(each, known[each]) for each in files[name])
        rooms[here].discard(here)
    list(TopologicalSorter(rooms).static_order())


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
            m for m in modules if m.startswith(("sweeps.execution", "sweeps.store", "sweeps.sweep"))
        }, path


def test_what_is_said_to_be_slow_is_there():
    for file, names in SLOW.items():
        text = (ROOT / "tests" / file).read_text()
        assert [name for name in names if name.partition("[")[0] not in text and "test_" in name] == []


def test_no_class_hierarchy_is_deeper_than_two_below_its_interface():
    bases = {
        node.name: [ast.unparse(base).partition("[")[0].rpartition(".")[2] for base in node.bases]
        for _, path in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
    }

    def depth(name):
        return 1 + max((depth(base) for base in bases[name] if base in bases), default=0)

    assert {name: depth(name) for name in bases if depth(name) > 3} == {}
