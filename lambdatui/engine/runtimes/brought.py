"""Runtime clients that packages bring, where this engine has none of its own: Java and .NET."""

from __future__ import annotations

import zipfile
from pathlib import Path

JAVA_CLIENT = "com.amazonaws.services.lambda.runtime.api.client.AWSLambda"
DOTNET_CLIENT = "Amazon.Lambda.RuntimeSupport.dll"
LEAN = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")
"""As on Lambda: one small JVM that lives for one environment."""


def java(code: Path, layers: Path | None) -> dict[str, str] | None:
    """The variables that lead to the client; None when neither code nor layers bring it.

    Classes lie at the root of the package, libraries in its ``lib``; those of layers in ``java/lib``.
    """
    folders = [code / "lib", *([layers / "java" / "lib"] if layers else [])]
    libraries = [jar for folder in folders for jar in sorted(folder.glob("*.jar"))]
    if not _has_client(code, libraries):
        return None
    return {"CLASSPATH": ":".join(map(str, [code, *libraries]))}


def _has_client(code: Path, libraries: list[Path]) -> bool:
    name = f"{JAVA_CLIENT.replace('.', '/')}.class"
    return (code / name).is_file() or any(_contains(library, name) for library in libraries)


def _contains(library: Path, name: str) -> bool:
    try:
        with zipfile.ZipFile(library) as archive:
            return name in archive.NameToInfo
    except (OSError, zipfile.BadZipFile):
        return False


def dotnet(code: Path, handler: str) -> tuple[str, ...] | None:
    """What follows ``dotnet``; None when the package does not bring the client.

    A handler without ``::`` names a program that starts the client itself.
    """
    assembly = handler.split("::")[0]
    if "::" not in handler and (program := code / f"{assembly}.dll").is_file():
        return (str(program),) if (code / DOTNET_CLIENT).is_file() else None
    if not (code / DOTNET_CLIENT).is_file():
        return None
    settings = [
        part
        for option, end in (("--depsfile", "deps"), ("--runtimeconfig", "runtimeconfig"))
        if (file := code / f"{assembly}.{end}.json").is_file()
        for part in (option, str(file))
    ]
    return ("exec", *settings, str(code / DOTNET_CLIENT), handler)
