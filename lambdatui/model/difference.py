"""What tells two versions of a function apart."""

from __future__ import annotations

from dataclasses import dataclass

from lambdatui.model.settings import FunctionSettings


@dataclass(frozen=True, slots=True)
class Change:
    """One value, on both sides; None where there is none."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file, on both sides."""

    path: str
    before: bytes | None  # None: not there
    after: bytes | None
    added: int = 0  # lines
    removed: int = 0
    binary: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that differs between two qualifiers of a function."""

    left: FunctionSettings
    right: FunctionSettings
    settings: tuple[Change, ...]
    variables: tuple[Change, ...]
    files: tuple[FileChange, ...]
    code_problem: str = ""  # why the files could not be compared

    @property
    def same_code(self) -> bool:
        return self.left.version.code_sha256 == self.right.version.code_sha256

    @property
    def nothing(self) -> bool:
        """Whether nothing differs."""
        return self.same_code and not self.settings and not self.variables
