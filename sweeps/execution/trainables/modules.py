"""The user's own modules: found on the driver, imported by workers, also on a node without their files."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from sweeps.execution.trainables.contents import contents

_OURS = ("sweeps", "trainer", "cluster")
_MOST_BYTES, _MOST_FILES, _LARGEST_FILE = 32 << 20, 4000, 1 << 20


@dataclass(frozen=True)
class UserModules:
    """What a worker needs in order to import what the driver's process can import.

    Attributes:
        search: The driver's `sys.path`, and behind it the folders of modules that were found in other ways.
        files: Where each file lies below a folder of `search` → that folder, "" where its place on the
            driver's disk does not fit its module's name, and its content.
        script: The file that the driver runs as `__main__`, "" in a notebook.
    """

    search: Sequence[str] = ()
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    script: str = ""

    def make_importable(self, scratch: Path | None = None) -> None:
        """Let this process, and those it starts, import the modules.

        Where the driver's folders hold the same files here, the modules are imported from there; otherwise
        from copies.

        Args:
            scratch: The folder below which copies are written; by default the one for temporary files.
        """
        folders = [folder for folder in self.search if folder not in sys.path]
        if not all(_is_same(folder, path, content) for path, (folder, content) in self.files.items()):
            folders.insert(0, str(self._write_copies(scratch or Path(tempfile.gettempdir()))))
        sys.path[:0] = folders
        inherited = [path for path in [os.environ.get("PYTHONPATH")] if path]
        own = [folder for folder in [*folders, *self.search] if not is_installed(folder)]
        os.environ["PYTHONPATH"] = os.pathsep.join([*dict.fromkeys(own), *inherited])

    def _write_copies(self, scratch: Path) -> Path:
        """One folder per node and content, which all workers there share."""
        digest = hashlib.sha256()
        for path, (_, content) in sorted(self.files.items()):
            digest.update(f"{path}\0{len(content)}\0".encode() + content)
        final = scratch / f"caviar-modules-{os.getuid()}-{digest.hexdigest()[:32]}"
        fresh = Path(tempfile.mkdtemp(prefix="caviar-modules-", dir=scratch))
        if not is_private(final):
            for path, (_, content) in self.files.items():
                target = fresh / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            with contextlib.suppress(OSError):  # another worker was faster, or somebody else holds the name
                fresh.rename(final)
        if not is_private(final):
            return fresh
        shutil.rmtree(fresh, ignore_errors=True)
        return final


def user_modules(beside: Sequence[str] = (), everywhere: bool = True) -> UserModules:
    """Everything of the user's own that this process has imported.

    Args:
        beside: Names of modules whose neighbours come along, since a trainable may import them later.
        everywhere: Whether workers may run on other machines. If not, only those modules are read that a
            process on this machine would not find.
    """
    loaded = {name: module for name, module in list(sys.modules.items()) if _is_users(name, module)}
    search = [str(Path(folder).absolute()) for folder in sys.path]
    files: dict[str, tuple[str, bytes]] = {}
    for name, module in loaded.items():
        folder, path = _place(name, Path(str(module.__file__)))
        if folder and folder not in search:
            search.append(folder)
        if everywhere or not folder:
            _read(files, folder, path, Path(str(module.__file__)))
    if everywhere:
        main = getattr(sys.modules["__main__"], "__file__", None)
        roots = {
            folder for name in beside if name in loaded for folder in [_root(name, loaded[name])] if folder
        }
        roots |= {str(Path(main).absolute().parent)} if main and "__main__" in beside else set()
        files = _with_neighbours(files, sorted(roots))
    return UserModules(search, files, _script())


def be_main(train: Any, script: str) -> None:
    """Let what came from the driver's `__main__` be found in this process's own, where pickle looks for it.

    Child processes that are spawned run the script first, as they do on the driver.
    """
    functions = [
        part for part in (train, *(part for _, part in contents(train))) if isinstance(part, FunctionType)
    ]
    main = sys.modules["__main__"]
    for function in functions:
        if function.__globals__.get("__name__") != "__main__":
            continue
        for name, value in function.__globals__.items():
            if getattr(value, "__module__", None) == "__main__" and not hasattr(main, name):
                setattr(main, name, value)
        if script and Path(script).is_file():
            main.__file__ = script


def _is_users(name: str, module: ModuleType) -> bool:
    path = getattr(module, "__file__", None)
    if not path or not str(path).endswith(".py") or name == "__main__" or name.partition(".")[0] in _OURS:
        return False
    return not is_installed(str(path))


_LIBRARY = tuple({str(Path(sysconfig.get_path(kind)).parent) for kind in ("stdlib", "platstdlib")})


def is_installed(path: str) -> bool:
    """Whether it belongs to Python's library or to an installed package."""
    return path.startswith(_LIBRARY) or "site-packages" in path or "dist-packages" in path


def _place(name: str, file: Path) -> tuple[str, str]:
    """The folder to search for a module, and its place in there; no folder where its name does not fit."""
    parts = name.split(".")
    parts = [*parts, "__init__.py"] if file.name == "__init__.py" else [*parts[:-1], f"{parts[-1]}.py"]
    file = file.absolute()
    fits = list(file.parts[-len(parts) :]) == parts
    return str(Path(*file.parts[: -len(parts)])) if fits else "", "/".join(parts)


def _root(name: str, module: ModuleType) -> str:
    return _place(name, Path(str(module.__file__)))[0]


def _read(files: dict[str, tuple[str, bytes]], folder: str, path: str, file: Path) -> None:
    with contextlib.suppress(OSError):  # a module whose file is gone is sent as far as objects need it
        files[path] = (folder, file.read_bytes())


def _with_neighbours(
    files: dict[str, tuple[str, bytes]], roots: Sequence[str]
) -> dict[str, tuple[str, bytes]]:
    """With the modules and packages that lie in the same folders; without, where these are very large."""
    more = dict(files)
    size = 0
    for root in roots:
        for file in _neighbours(Path(root)):
            path = file.relative_to(root).as_posix()
            if path not in more:
                _read(more, root, path, file)
                size += len(more[path][1]) if path in more else 0
            if size > _MOST_BYTES or len(more) > _MOST_FILES + len(files):
                return files
    return more


def _neighbours(root: Path) -> Iterator[Path]:
    yield from sorted(root.glob("*.py"))
    for package in sorted(root.glob("*/__init__.py")):
        if package.parent.name not in _OURS:
            yield from _files(package.parent)


def _files(folder: Path) -> Iterator[Path]:
    """The files of a package with what lies in it beside code, but not large data."""
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith(".") or entry.name == "__pycache__":
            continue
        if entry.is_dir() and not entry.is_symlink():
            yield from _files(entry)
        elif entry.is_file() and entry.stat().st_size <= _LARGEST_FILE:
            yield entry


def _script() -> str:
    main = sys.modules["__main__"]
    file = getattr(main, "__file__", None)
    return str(Path(file).absolute()) if file and getattr(main, "__spec__", None) is None else ""


def _is_same(folder: str, path: str, content: bytes) -> bool:
    try:
        return bool(folder) and (Path(folder) / path).read_bytes() == content
    except OSError:
        return False


def is_private(folder: Path) -> bool:
    """Whether it is a folder of this user's that nobody else can write to."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o022
