"""Which interpreter is chosen for a runtime: stub interpreters on a machine made of temporary folders."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from lambdatui.engine.runtimes.catalog import AS_OF, RUNTIMES, Status
from lambdatui.engine.runtimes.interpreters import Found, Missing, Search, find


class Machine:
    """A home, a system root and a PATH of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ = {"PATH": f"{folder}/bin:/usr/bin:/bin"}
        self.search = Search(self.environ, folder / "home", folder / "root", patience_s=5, memory_s=0)
        # What stubs need (cat, sleep) comes from the real system, whose interpreters must stay unseen.
        tools = folder / "tools"
        tools.mkdir()
        for tool in ("cat", "sleep"):
            (tools / tool).symlink_to(str(shutil.which(tool)))
        self.environ["PATH"] = f"{folder}/bin:{tools}"

    def put(self, place: str, script: str) -> Path:
        path = self.folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\necho asked >> '{path}.log'\n{script}\n")
        path.chmod(0o755)
        return path

    def interpreter(self, place: str, version: str, implementation: str | None = None) -> Path:
        """A stub that answers as Python, Node.js, Ruby, Java or .NET does."""
        name = Path(place).name
        kind = next(kind for kind in ("python", "node", "ruby", "java", "dotnet") if kind in name)
        text = {
            "java": f'openjdk version "{version}" 2025-04-15',
            "dotnet": "\n".join(
                f"Microsoft.NETCore.App {one} [/x]\nMicrosoft.AspNetCore.App 99.0.0 [/x]"
                for one in version.split()
            ),
        }.get(
            kind,
            f"{implementation or {'python': 'cpython'}.get(kind, kind)}\n{version}\n{self.folder / place}",
        )
        return self.put(place, f"cat <<'END'\n{text}\nEND")

    def asked(self, path: Path) -> int:
        log = Path(f"{path}.log")
        return len(log.read_text().splitlines()) if log.exists() else 0

    def find(self, runtime: str) -> Found | Missing:
        return find(runtime, self.search)

    def found(self, runtime: str) -> Found:
        found = self.find(runtime)
        assert isinstance(found, Found), found
        return found


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


PYENV = "home/.pyenv/versions"

EXACT: dict[str, tuple[str, dict[str, str], str]] = {
    # runtime, what the machine has (place: version), what is chosen
    "versioned name on PATH": (
        "python3.12",
        {"bin/python3": "3.11.4", "bin/python3.12": "3.12.1"},
        "bin/python3.12",
    ),
    "plain name on PATH": ("python3.12", {"bin/python3": "3.12.1"}, "bin/python3"),
    "names lie": ("python3.12", {"bin/python3.12": "3.11.1", "bin/python3": "3.12.9"}, "bin/python3"),
    "PATH before managers": (
        "python3.12",
        {"bin/python3.12": "3.12.0", f"{PYENV}/3.12.9/bin/python": "3.12.9"},
        "bin/python3.12",
    ),
    "3.1 is not 3.11": (
        "python3.11",
        {"bin/python3.1": "3.1.1", f"{PYENV}/3.11.9/bin/python": "3.11.9"},
        f"{PYENV}/3.11.9/bin/python",
    ),
    "pyenv, newest patch": (
        "python3.12",
        {f"{PYENV}/3.12.9/bin/python": "3.12.9", f"{PYENV}/3.12.10/bin/python": "3.12.10"},
        f"{PYENV}/3.12.10/bin/python",
    ),
    "uv": (
        "python3.13",
        {"home/.local/share/uv/python/cpython-3.13.2-linux/bin/python3": "3.13.2"},
        "home/.local/share/uv/python/cpython-3.13.2-linux/bin/python3",
    ),
    "mise": (
        "python3.13",
        {"home/.local/share/mise/installs/python/3.13.2/bin/python": "3.13.2"},
        "home/.local/share/mise/installs/python/3.13.2/bin/python",
    ),
    "asdf": (
        "ruby3.3",
        {"home/.asdf/installs/ruby/3.3.1/bin/ruby": "3.3.1"},
        "home/.asdf/installs/ruby/3.3.1/bin/ruby",
    ),
    "Debian": ("python3.11", {"root/usr/bin/python3.11": "3.11.2"}, "root/usr/bin/python3.11"),
    "Homebrew": (
        "python3.12",
        {"root/opt/homebrew/opt/python@3.12/bin/python3.12": "3.12.4"},
        "root/opt/homebrew/opt/python@3.12/bin/python3.12",
    ),
    "nvm": (
        "nodejs22.x",
        {"bin/node": "20.1.0", "home/.nvm/versions/node/v22.3.0/bin/node": "22.3.0"},
        "home/.nvm/versions/node/v22.3.0/bin/node",
    ),
    "Debian's other name of Node.js": (
        "nodejs20.x",
        {"root/usr/bin/nodejs": "20.20.2"},
        "root/usr/bin/nodejs",
    ),
    "node 20 is not 2": ("nodejs20.x", {"bin/node": "20.0.0"}, "bin/node"),
    "rbenv": (
        "ruby3.3",
        {"home/.rbenv/versions/3.3.4/bin/ruby": "3.3.4"},
        "home/.rbenv/versions/3.3.4/bin/ruby",
    ),
    "JVM folder": (
        "java21",
        {"root/usr/lib/jvm/java-21/bin/java": "21.0.2"},
        "root/usr/lib/jvm/java-21/bin/java",
    ),
    "Java's old numbers": ("java8.al2", {"bin/java": "1.8.0_402"}, "bin/java"),
    "one dotnet, many runtimes": ("dotnet8", {"bin/dotnet": "6.0.1 8.0.4 10.0.0"}, "bin/dotnet"),
}


@pytest.mark.parametrize("case", EXACT)
def test_the_exact_version_is_found(case: str, machine: Machine) -> None:
    runtime, places, chosen = EXACT[case]
    for place, version in places.items():
        machine.interpreter(place, version)
    found = machine.found(runtime)
    assert found.executable == machine.folder / chosen
    assert found.exact
    brings = RUNTIMES[runtime].family.name in ("java", "dotnet")
    assert (found.notice is not None) is brings


@dataclass(frozen=True)
class Nearest:
    runtime: str
    versions: tuple[str, ...]
    chosen: str | None


NEAREST = (
    Nearest("python3.12", ("3.11.9", "3.13.1", "3.14.0"), "3.13.1"),
    Nearest("python3.14", ("3.11.9", "3.13.1"), "3.13.1"),
    Nearest("python3.10", ("3.9.1", "3.11.9", "3.10.0a1"), "3.11.9"),
    Nearest("python3.7", ("3.6.1", "3.7.1", "3.9.1"), "3.9.1"),  # our client needs 3.8
    Nearest("python3.12", ("3.6.1",), None),
    Nearest("python2.7", ("3.11.1",), None),  # other language
    Nearest("nodejs22.x", ("18.1.0", "20.1.0"), "20.1.0"),
    Nearest("nodejs20.x", ("18.1.0", "24.1.0", "22.1.0"), "22.1.0"),
    Nearest("nodejs14.x", ("14.1.0", "16.1.0"), "16.1.0"),
    Nearest("nodejs14.x", ("14.1.0",), None),
    Nearest("ruby3.4", ("3.1.2",), "3.1.2"),
    Nearest("ruby2.7", ("2.7.8", "3.2.1"), "3.2.1"),
    Nearest("java21", ("17.0.1", "25.0.1"), "25.0.1"),
    Nearest("dotnet8", ("6.0.1 10.0.1",), "10.0.1"),
    Nearest("dotnet8", (), None),
)


@pytest.mark.parametrize(
    "case", NEAREST, ids=lambda case: f"{case.runtime} of {' '.join(case.versions) or 'none'}"
)
def test_else_the_nearest_version_with_a_notice(case: Nearest, machine: Machine) -> None:
    runtime = RUNTIMES[case.runtime]
    program = {"nodejs": "node"}.get(runtime.family.name, runtime.family.name)
    for version in case.versions:
        path = machine.interpreter(f"store/{version}/{program}", version)
        machine.environ["PATH"] += f":{path.parent}"
        if program == "python":
            path.rename(path.with_name("python3"))
    found = machine.find(case.runtime)
    if case.chosen is None:
        assert isinstance(found, Missing)
        assert case.runtime in found.reason
        assert runtime.family.language in found.install
        return
    assert isinstance(found, Found)
    assert (found.version, found.exact) == (case.chosen, False)
    assert found.notice is not None
    assert found.notice.startswith(f"{case.runtime} runs on {runtime.family.language} {case.chosen} here")


def test_managers_folders_can_be_moved(machine: Machine) -> None:
    machine.environ["PYENV_ROOT"] = str(machine.folder / "elsewhere")
    path = machine.interpreter("elsewhere/versions/3.12.1/bin/python", "3.12.1")
    assert machine.found("python3.12").executable == path


def test_shims_are_passed_over(machine: Machine) -> None:
    machine.environ["PATH"] = f"{machine.folder}/home/.pyenv/shims:{machine.environ['PATH']}"
    shim = machine.interpreter("home/.pyenv/shims/python3.12", "3.12.1")
    real = machine.interpreter(f"{PYENV}/3.12.1/bin/python", "3.12.1")
    assert machine.found("python3.12").executable == real
    assert machine.asked(shim) == 0


def test_the_real_executable_is_what_it_says_it_is(machine: Machine) -> None:
    real = machine.put("store/python3.12.real", "")
    machine.put("bin/python3", f"printf 'cpython\\n3.12.1\\n%s\\n' '{real}'")
    assert machine.found("python3.12").executable == real


def test_links_are_followed(machine: Machine) -> None:
    real = machine.interpreter("store/node-20", "20.1.0")
    link = machine.folder / "bin/node"
    link.parent.mkdir()
    link.symlink_to(real)
    assert machine.found("nodejs20.x").executable == real


def test_every_executable_is_asked_once(machine: Machine) -> None:
    path = machine.interpreter("bin/python3", "3.11.1")
    for runtime in ("python3.11", "python3.12", "python3.11", "python3.13"):
        machine.found(runtime)
    assert machine.asked(path) == 1


def test_a_changed_executable_is_asked_again(machine: Machine) -> None:
    path = machine.interpreter("bin/python3", "3.11.1")
    assert not machine.found("python3.12").exact
    machine.interpreter("bin/python3", "3.12.11")
    os.utime(path, ns=(1, 1))
    assert machine.found("python3.12").exact


def test_an_exact_match_is_kept_until_it_changes(machine: Machine) -> None:
    path = machine.interpreter("bin/python3.12", "3.12.1")
    first = machine.found("python3.12")
    machine.interpreter("bin/python3", "3.12.2")
    assert machine.found("python3.12") is first
    path.unlink()
    assert machine.found("python3.12").version == "3.12.2"


def test_less_than_an_exact_match_is_kept_for_a_while(machine: Machine) -> None:
    machine.search.memory_s = 1000
    assert isinstance(machine.find("python3.12"), Missing)
    machine.interpreter("bin/python3.12", "3.12.1")
    assert isinstance(machine.find("python3.12"), Missing)
    machine.search.memory_s = 0
    assert machine.found("python3.12").exact


def test_an_exact_match_by_name_spares_the_others_the_question(machine: Machine) -> None:
    others = [machine.interpreter(f"{PYENV}/3.{minor}.1/bin/python", f"3.{minor}.1") for minor in (9, 10, 11)]
    machine.interpreter(f"{PYENV}/3.12.1/bin/python", "3.12.1")
    assert machine.found("python3.12").version == "3.12.1"
    assert [machine.asked(path) for path in others] == [0, 0, 0]


BROKEN = {
    "says nothing": "",
    "says something else": "echo hello",
    "is another implementation": "printf 'pypy\\n3.12.1\\n/x\\n'",
    "fails": "printf 'cpython\\n3.12.1\\n/x\\n'; exit 1",
    "prints binary": "printf '\\377\\376'",
    "hangs": "exec sleep 60",
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_does_not_answer_as_it_should_is_no_interpreter(case: str, machine: Machine) -> None:
    machine.search.patience_s = 0.5
    machine.put("bin/python3.12", BROKEN[case])
    assert isinstance(machine.find("python3.12"), Missing)


def test_what_cannot_be_run_is_passed_over(machine: Machine) -> None:
    (machine.folder / "bin/python3.13").mkdir(parents=True)
    machine.interpreter("bin/python3.14", "3.14.1").chmod(0o644)
    (machine.folder / "bin/python3").symlink_to("nowhere")
    machine.put("bin/python3.12", "").write_bytes(b"\x7fELF broken")
    assert isinstance(machine.find("python3.12"), Missing)


@pytest.mark.parametrize("runtime", ["provided", "provided.al2", "provided.al2023"])
def test_os_only_runtimes_bring_their_program(runtime: str, machine: Machine) -> None:
    assert machine.find(runtime) == Found(Path("bootstrap"), "", True, None)


@pytest.mark.parametrize("runtime", ["cobol1.x", "", "python3.99", "custom"])
def test_other_identifiers_are_missing_with_advice(runtime: str, machine: Machine) -> None:
    found = machine.find(runtime)
    assert isinstance(found, Missing)
    assert found.reason.startswith(runtime)
    assert "provided.al2023" in found.install


REAL = {
    "nodejs": ("node", "nodejs"),
    "ruby": ("ruby", "ruby"),
    "python": ("python3", "python3"),
    "java": ("java", "default-jre-headless"),
}


@pytest.mark.parametrize("family", REAL)
def test_this_machine(family: str) -> None:
    program, package = REAL[family]
    if shutil.which(program) is None:
        pytest.skip(f"needs {program}: apt install {package}")
    newest = next(name for name, runtime in RUNTIMES.items() if runtime.family.name == family)
    found = find(newest)
    assert isinstance(found, Found)
    assert found.executable.read_bytes()[:4] in (b"\x7fELF", b"\xcf\xfa\xed\xfe"), "a program, not a shim"
    said = subprocess.run(
        [found.executable, "--version"], capture_output=True, text=True, timeout=20, check=True
    )
    assert found.version in said.stdout


# -- the catalog -------------------------------------------------------------------------------------


def test_statuses_on_the_day_the_table_was_made() -> None:
    counts = dict.fromkeys(Status, 0)
    for runtime in RUNTIMES.values():
        counts[runtime.status(AS_OF)] += 1
    assert counts == {
        Status.SUPPORTED: 17,
        Status.ENDING: 2,
        Status.PREVIEW: 2,
        Status.DEPRECATED: 10,
        Status.NO_CREATE: 6,
        Status.FROZEN: 14,
        Status.UNDATED: 1,
    }


def test_a_runtime_grows_old() -> None:
    runtime = RUNTIMES["nodejs22.x"]
    days = ("2026-05-01", "2026-11-21", "2027-04-30", "2027-06-01", "2027-07-01")
    assert [runtime.status(date.fromisoformat(day)) for day in days] == [
        Status.SUPPORTED,
        Status.ENDING,
        Status.DEPRECATED,
        Status.NO_CREATE,
        Status.FROZEN,
    ]


def test_the_catalog_knows_every_runtime_of_the_service_model() -> None:
    from botocore.loaders import Loader

    model = Loader().load_service_model("lambda", "service-2")
    assert set(RUNTIMES) >= set(model["shapes"]["Runtime"]["enum"])


def test_languages_find_layers_where_lambda_has_them() -> None:
    assert RUNTIMES["nodejs22.x"].search_paths() == {
        "NODE_PATH": "/opt/nodejs/node22/node_modules:/opt/nodejs/node_modules:/var/runtime/node_modules:"
        "/var/runtime:/var/task"
    }
    assert RUNTIMES["ruby3.3"].search_paths(task_root="/code", layers=("/first", "/last")) == {
        "GEM_PATH": "/code/vendor/bundle/ruby/3.3.0:/last/ruby/gems/3.3.0:/first/ruby/gems/3.3.0",
        "RUBYLIB": "/last/ruby/lib:/first/ruby/lib",
    }
    assert RUNTIMES["python3.12"].layer_folders == ("python", "python/lib/python3.12/site-packages")
    assert RUNTIMES["provided.al2023"].search_paths() == {}
