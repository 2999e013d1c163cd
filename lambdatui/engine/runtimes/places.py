"""Where interpreters are on a machine: on PATH, with version managers, in the system's own places."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class _Manager:
    """A version manager: where it keeps things and what lies there."""

    variable: str | None  # names its folder; the default is below home
    default: str
    pattern: str


def _mise(tool: str, program: str) -> _Manager:
    return _Manager("MISE_DATA_DIR", ".local/share/mise", f"installs/{tool}/*/{program}")


def _asdf(tool: str, program: str) -> _Manager:
    return _Manager("ASDF_DATA_DIR", ".asdf", f"installs/{tool}/*/{program}")


@dataclass(frozen=True, slots=True)
class Places:
    """Where one language's interpreters may be."""

    names: tuple[str, ...]  # patterns of file names on PATH and in the system's folders
    managers: tuple[_Manager, ...]
    system: tuple[str, ...] = ()  # patterns from the root of the file system


PLACES: Mapping[str, Places] = {
    "python": Places(
        ("python3.[0-9]*", "python3"),
        (
            _Manager("PYENV_ROOT", ".pyenv", "versions/*/bin/python"),
            _Manager("UV_PYTHON_INSTALL_DIR", ".local/share/uv/python", "*/bin/python3"),
            _mise("python", "bin/python"),
            _asdf("python", "bin/python"),
        ),
        (
            "opt/homebrew/opt/python@*/bin/python3.*",
            "usr/local/opt/python@*/bin/python3.*",
            "opt/python*/bin/python3",
        ),
    ),
    "nodejs": Places(
        ("node", "nodejs", "node[0-9]*"),
        (
            _Manager("NVM_DIR", ".nvm", "versions/node/*/bin/node"),
            _Manager("FNM_DIR", ".local/share/fnm", "node-versions/*/installation/bin/node"),
            _Manager("VOLTA_HOME", ".volta", "tools/image/node/*/bin/node"),
            _Manager("NODENV_ROOT", ".nodenv", "versions/*/bin/node"),
            _mise("node", "bin/node"),
            _asdf("nodejs", "bin/node"),
        ),
        ("opt/homebrew/opt/node@*/bin/node", "usr/local/opt/node@*/bin/node"),
    ),
    "ruby": Places(
        ("ruby", "ruby[0-9]*"),
        (
            _Manager("RBENV_ROOT", ".rbenv", "versions/*/bin/ruby"),
            _Manager("rvm_path", ".rvm", "rubies/*/bin/ruby"),
            _Manager(None, ".rubies", "*/bin/ruby"),
            _mise("ruby", "bin/ruby"),
            _asdf("ruby", "bin/ruby"),
        ),
        ("opt/rubies/*/bin/ruby", "opt/homebrew/opt/ruby@*/bin/ruby", "usr/local/opt/ruby@*/bin/ruby"),
    ),
    "java": Places(
        ("java",),
        (
            _Manager("JAVA_HOME", ".local/share/java", "bin/java"),
            _Manager("SDKMAN_DIR", ".sdkman", "candidates/java/*/bin/java"),
            _mise("java", "bin/java"),
            _asdf("java", "bin/java"),
        ),
        ("usr/lib/jvm/*/bin/java", "Library/Java/JavaVirtualMachines/*/Contents/Home/bin/java"),
    ),
    "dotnet": Places(
        ("dotnet",),
        (_Manager("DOTNET_ROOT", ".dotnet", "dotnet"), _mise("dotnet", "dotnet"), _asdf("dotnet", "dotnet")),
        ("usr/share/dotnet/dotnet", "usr/lib/dotnet/dotnet", "usr/local/share/dotnet/dotnet"),
    ),
}
SYSTEM_BIN = ("usr/local/bin", "usr/bin", "opt/homebrew/bin")


def candidates(family: str, environ: Mapping[str, str], home: Path, root: Path) -> Iterator[Path]:
    """Every executable that may be an interpreter of the family: PATH first, newest first within a folder.

    Shims are left out: what they start depends on the folder they are started in, and they cost 100 ms.
    """
    places = PLACES[family]
    path = [Path(entry) for entry in environ.get("PATH", "").split(os.pathsep) if entry]
    folders = [entry for entry in path if entry.is_absolute() and entry.name != "shims"]
    seen: set[Path] = set()
    for found in _all(places, folders, environ, home, root):
        if found.is_file() and os.access(found, os.X_OK) and (real := found.resolve()) not in seen:
            seen.add(real)
            yield found


def offered(program: str) -> bool:
    """Whether a program is one of those interpreters, by whatever links it is reached."""
    real = Path(program).resolve()
    here = dict(os.environ), Path.home(), Path("/")
    return any(real == found.resolve() for family in PLACES for found in candidates(family, *here))


def _all(
    places: Places, folders: list[Path], environ: Mapping[str, str], home: Path, root: Path
) -> Iterator[Path]:
    for folder in folders:
        for name in places.names:
            yield from _matches(folder, name)
    for manager in places.managers:
        chosen = environ.get(manager.variable, "") if manager.variable else ""
        yield from _matches(Path(chosen) if chosen else home / manager.default, manager.pattern)
    for place in SYSTEM_BIN:
        for name in places.names:
            yield from _matches(root / place, name)
    for pattern in places.system:
        yield from _matches(root, pattern)


def _matches(folder: Path, pattern: str) -> list[Path]:
    """Newest version first, as far as names tell."""
    try:
        found = list(folder.glob(pattern))
    except OSError:
        return []
    return sorted(
        found, key=lambda path: [int(number) for number in re.findall(r"\d+", str(path))], reverse=True
    )
