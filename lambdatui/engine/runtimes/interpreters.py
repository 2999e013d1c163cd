"""Which program of this machine runs a Lambda runtime.

The exact version wherever it is; else the nearest one, with a sentence that says so; else what to install.
Nothing is believed by its name: candidates are asked once what they are, which takes 10 to 60 ms each, so
call ``find`` away from the event loop.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from lambdatui.engine.runtimes import places
from lambdatui.engine.runtimes.catalog import RUNTIMES, Runtime

PATIENCE_S = 10.0
MEMORY_S = 60.0  # looking through a machine takes milliseconds, too long for every cold start

Version = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What serves a runtime.

    A relative executable lies in the function's code: ``bootstrap`` for the OS-only runtimes, ``.`` for the
    program that the handler names (go1.x).
    """

    executable: Path
    version: str
    exact: bool
    notice: str | None


@dataclass(frozen=True, slots=True)
class Missing:
    """Nothing serves a runtime: why, and what to do about it."""

    reason: str
    install: str


_State = tuple[str, int, int]  # path, time of change and size: the identity of an executable


def _state(executable: Path) -> _State | None:
    try:
        now = executable.stat()
    except OSError:
        return None
    return str(executable), now.st_mtime_ns, now.st_size


@dataclass(slots=True)
class Search:
    """The machine that is searched.

    What executables answered is kept until they change, and so is an exact match; anything less is looked for
    again after ``memory_s``, for somebody may have installed the real thing.
    """

    environ: Mapping[str, str]
    home: Path
    root: Path = Path("/")
    patience_s: float = PATIENCE_S
    memory_s: float = MEMORY_S
    _answers: dict[_State, str] = field(default_factory=dict)
    _results: dict[str, tuple[Found | Missing, _State | None, float]] = field(default_factory=dict)

    @staticmethod
    def default() -> Search:
        """This machine, as this process sees it."""
        return _this_machine()

    def ask(self, executable: Path, arguments: Sequence[str]) -> str:
        """What an executable says when asked; nothing when it fails or does not answer in time."""
        state = _state(executable)
        if state is None:
            return ""
        if state not in self._answers:
            self._answers[state] = self._run(executable, arguments)
        return self._answers[state]

    def recall(self, runtime: str) -> Found | Missing | None:
        """What was found before, if it still holds."""
        if runtime not in self._results:
            return None
        result, state, since = self._results[runtime]
        if isinstance(result, Found) and result.exact:
            return result if _state(result.executable) == state else None
        return result if time.monotonic() - since < self.memory_s else None

    def last(self, runtime: str) -> Found | Missing | None:
        """What was found before, whether or not it still holds."""
        return self._results[runtime][0] if runtime in self._results else None

    def remember(self, runtime: str, result: Found | Missing) -> None:
        """Keep a result for `recall`."""
        state = _state(result.executable) if isinstance(result, Found) else None
        self._results[runtime] = result, state, time.monotonic()

    def _run(self, executable: Path, arguments: Sequence[str]) -> str:
        try:
            done = subprocess.run(
                [str(executable), *arguments],
                env={"PATH": self.environ.get("PATH", ""), "HOME": str(self.home), "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=self.patience_s,
                cwd="/",
                check=False,
            )
        except (OSError, subprocess.SubprocessError):
            return ""
        return done.stdout.decode(errors="replace") if done.returncode == 0 else ""


@cache
def _this_machine() -> Search:
    return Search(os.environ, Path.home())


@dataclass(frozen=True, slots=True)
class _Interpreter:
    executable: Path
    version: Version

    @property
    def text(self) -> str:
        return ".".join(map(str, self.version))


# -- what interpreters say of themselves -------------------------------------------------------------

_WHO_IS_PYTHON = (
    "import sys; print(sys.implementation.name); print('%d.%d.%d' % sys.version_info[:3]);"
    "print(getattr(sys, '_base_executable', '') or sys.executable)"
)


def _three_lines(implementation: str, output: str, asked: Path) -> Iterator[_Interpreter]:
    """Implementation, version and real place, a line each: what Python, Node and Ruby are made to print."""
    name, version, place, *_ = [*output.splitlines(), "", "", ""]
    if name == implementation and re.fullmatch(r"\d+(\.\d+)+", version):
        real = Path(place)
        yield _Interpreter(
            (real if real.is_absolute() and real.is_file() else asked).resolve(), _numbers(version)
        )


def _java_version(output: str, asked: Path) -> Iterator[_Interpreter]:
    if said := re.search(r'version "(?:1\.)?(\d+(?:\.\d+)*)', output):
        yield _Interpreter(asked.resolve(), _numbers(said[1]))


def _dotnet_runtimes(output: str, asked: Path) -> Iterator[_Interpreter]:
    """One dotnet serves every runtime that is installed beside it."""
    for version in re.findall(r"^Microsoft\.NETCore\.App (\d+\.\d+\.\d+) ", output, re.MULTILINE):
        yield _Interpreter(asked.resolve(), _numbers(version))


@dataclass(frozen=True, slots=True)
class _Question:
    arguments: tuple[str, ...]
    read: Callable[[str, Path], Iterator[_Interpreter]]


QUESTIONS: Mapping[str, _Question] = {
    "python": _Question(
        ("-I", "-S", "-c", _WHO_IS_PYTHON), lambda output, asked: _three_lines("cpython", output, asked)
    ),
    "nodejs": _Question(
        ("-p", r"[process.release.name, process.versions.node, process.execPath].join('\n')"),
        lambda output, asked: _three_lines("node", output, asked),
    ),
    "ruby": _Question(
        ("--disable-gems", "-rrbconfig", "-e", "puts RUBY_ENGINE, RUBY_VERSION, RbConfig.ruby"),
        lambda output, asked: _three_lines("ruby", output, asked),
    ),
    "java": _Question(("-version",), _java_version),
    "dotnet": _Question(("--list-runtimes",), _dotnet_runtimes),
}


# -- choosing ----------------------------------------------------------------------------------------


def find(runtime: str, search: Search | None = None) -> Found | Missing:
    """What runs this runtime identifier here."""
    known = RUNTIMES.get(runtime)
    if known is None:
        return Missing(f"{runtime} is no Lambda runtime.", f"Use one of {', '.join(RUNTIMES)}.")
    match known.family.name:
        case "provided":
            return Found(Path("bootstrap"), "", True, None)
        case "go":
            return Found(
                Path(),
                "",
                True,
                "go1.x starts the program that the handler names, as long as it was built "
                "with a current aws-lambda-go, which speaks the Runtime API.",
            )
        case "custom":
            return Missing(
                f"{runtime} is a runtime that its publisher brings as an image.",
                "Use provided.al2023 with a bootstrap of your own.",
            )
    search = search or Search.default()
    result = search.recall(runtime)
    if result is None:
        result = _choose(known, search)
        search.remember(runtime, result)
    return result


def shortcoming(runtime: str, search: Search | None = None) -> str | None:
    """What is to be said of a runtime that another version serves, or nothing at all; as far as was asked."""
    last = (search or Search.default()).last(runtime)
    if isinstance(last, Missing):
        return f"{last.reason} {last.install}"
    return last.notice if last is not None and not last.exact else None


def _choose(runtime: Runtime, search: Search) -> Found | Missing:
    language = runtime.family.language
    usable: list[_Interpreter] = []
    for interpreter in _interpreters(runtime, search):
        if not _usable(interpreter, runtime):
            continue
        if interpreter.version[: len(runtime.version)] == runtime.version:
            return Found(interpreter.executable, interpreter.text, True, _join(_brings(runtime)))
        usable.append(interpreter)
    if not (best := _nearest(runtime, usable)):
        return Missing(
            f"This machine has no {language} that could run {runtime.identifier}.", _install(runtime)
        )
    notice = (
        f"{runtime.identifier} runs on {language} {best.text} here, the nearest version on this machine. "
        f"{_install(runtime)}"
    )
    return Found(best.executable, best.text, False, _join(notice, _brings(runtime)))


def _interpreters(runtime: Runtime, search: Search) -> Iterator[_Interpreter]:
    """Those first whose path names the wanted version, so that an exact match is found with one question."""
    family = runtime.family.name
    question = QUESTIONS[family]
    named = re.compile(r"(?<![\d.])" + re.escape(".".join(map(str, runtime.version))) + r"(?!\d)")
    everywhere = list(places.candidates(family, search.environ, search.home, search.root))
    for candidate in sorted(everywhere, key=lambda path: not named.search(str(path))):
        yield from question.read(search.ask(candidate, question.arguments), candidate)


def _usable(interpreter: _Interpreter, runtime: Runtime) -> bool:
    """New enough for our client, and no Python 3 for code that is written in Python 2."""
    same = runtime.family.name != "python" or interpreter.version[0] == runtime.version[0]
    return same and interpreter.version >= runtime.family.oldest


def _nearest(runtime: Runtime, usable: Sequence[_Interpreter]) -> _Interpreter | None:
    """The next newer version, which knows the syntax the code was written for; else the newest older one."""
    wanted = runtime.version
    newer = [one for one in usable if one.version > wanted]
    if newer:
        return min(newer, key=lambda one: one.version[: len(wanted)])
    return max(usable, key=lambda one: one.version, default=None)


def _brings(runtime: Runtime) -> str | None:
    """What a package must bring where we have no client of our own."""
    return {
        "java": "Java functions bring their runtime client in the package: "
        "com.amazonaws:aws-lambda-java-runtime-interface-client.",
        "dotnet": ".NET functions bring their runtime client in the package: Amazon.Lambda.RuntimeSupport.",
    }.get(runtime.family.name)


def _join(*sentences: str | None) -> str | None:
    return " ".join(filter(None, sentences)) or None


def _install(runtime: Runtime) -> str:
    version = ".".join(map(str, runtime.version))
    ways = {
        "python": f"apt install python{version}, uv python install {version}, pyenv install {version}",
        "nodejs": f"apt install nodejs, nvm install {version}, mise use -g node@{version}",
        "ruby": f"apt install ruby, rbenv install {version}, mise use -g ruby@{version}",
        "java": f"apt install openjdk-{version}-jre-headless, mise use -g java@{version}",
        "dotnet": f"apt install dotnet-runtime-{version}.0, mise use -g dotnet@{version}",
    }[runtime.family.name]
    return f"For {runtime.family.language} {version}, one of: {ways}."


def _numbers(version: str) -> Version:
    return tuple(int(number) for number in version.split("."))
