"""Programs that are scripts: what runs them, where no room has it anyway."""

from __future__ import annotations

from pathlib import Path

LONGEST = 256  # bytes of a first line that the kernel reads


def named(argv: tuple[str, ...]) -> tuple[str, ...]:
    """The interpreter that a script names, and its argument; empty for what is no script."""
    try:
        with open(argv[0], "rb") as script:
            first = script.read(LONGEST).partition(b"\n")[0]
    except (OSError, IndexError):
        return ()
    if not first.startswith(b"#!"):
        return ()
    name, _, argument = first[2:].decode(errors="replace").strip().partition(" ")
    return (name, argument.strip()) if argument.strip() else (name,)


def interpreted(argv: tuple[str, ...]) -> tuple[str, ...]:
    """The command with the script's interpreter in front, as the kernel would start it.

    It is named by where it really is: the links that lead there are not in the room. One of a virtual
    environment is the plain interpreter then, as its packages are not there either.
    """
    name, *argument = named(argv) or ("",)
    interpreter = Path(name)
    if not interpreter.is_absolute() or not interpreter.is_file():
        return argv
    return (str(interpreter.resolve()), *argument, *argv)
