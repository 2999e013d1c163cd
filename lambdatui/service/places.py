"""Where a dashboard could look: engines on this machine, the profiles of the AWS config, the regions.

Only files are read, without any AWS library: the list is wanted at once, and asks nobody anything.
"""

from __future__ import annotations

import configparser
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from lambdatui import address, paths
from lambdatui.model import TargetKind
from lambdatui.model.regions import REGIONS
from lambdatui.service.clean import clean_line
from lambdatui.service.spec import TargetSpec

LOCAL = "local"
_REGION = re.compile(r"[a-z]{2,3}(-[a-z]+)+-\d")


@dataclass(frozen=True, slots=True)
class Place:
    """One of them."""

    title: str
    hint: str
    spec: TargetSpec


def places(current: TargetSpec) -> list[Place]:
    """Engines first, then profiles, then the other regions of where we are. What was asked for as a whole
    (read-only, the rules of the config) holds everywhere."""
    found = [*_engines(current), *_profiles()]
    return [
        replace(place, spec=replace(place.spec, read_only=current.read_only, rules=current.rules))
        for place in found
    ] + [in_region(current, region) for region in REGIONS]


def in_region(current: TargetSpec, region: str) -> Place:
    """The same account, or engine, in another region."""
    return Place(region, REGIONS.get(region, "as typed"), replace(current, region=region))


def beside(current: TargetSpec, where: str, region: str) -> TargetSpec:
    """Another target for the other half of a comparison: ``local``, or a profile of AWS."""
    if where == LOCAL:
        return TargetSpec(TargetKind.LOCAL, region=region, read_only=current.read_only)
    return TargetSpec(TargetKind.AWS, profile=where, read_only=current.read_only, rules=current.rules)


def is_region(text: str) -> bool:
    """Whether this could be the name of a region."""
    return _REGION.fullmatch(text) is not None


def _engines(current: TargetSpec) -> Iterator[Place]:
    lasting = paths.engine_dir()
    yield Place("local engine", _how(lasting), TargetSpec(TargetKind.LOCAL))
    if current.data_dir is not None and current.data_dir.absolute() != lasting:
        yield Place(f"engine on {current.data_dir}", _how(current.data_dir), replace(current, region=None))
    yield Place("demo", "a throw-away engine with samples", TargetSpec(TargetKind.LOCAL, demo=True))


def _how(folder: Path) -> str:
    running = address.find(folder)
    return f"runs at {running.url}" if running else "starts when it is opened"


def _profiles() -> Iterator[Place]:
    if os.environ.get("AWS_ACCESS_KEY_ID"):
        hint = "the keys of the environment"
        yield Place("AWS", hint, TargetSpec(TargetKind.AWS, region=os.environ.get("AWS_REGION")))
    home = Path.home() / ".aws"
    config = _sections(os.environ.get("AWS_CONFIG_FILE") or home / "config")
    secret = _sections(os.environ.get("AWS_SHARED_CREDENTIALS_FILE") or home / "credentials")
    named = {_profile(name): values for name, values in config.items() if _profile(name)}
    for name in {**named, **secret}:
        values = {**secret.get(name, {}), **named.get(name, {})}
        region = clean_line(values.get("region", "")) or None
        how = "SSO" if "sso_session" in values or "sso_start_url" in values else ""
        how = how or ("assumes a role" if "role_arn" in values else "")
        hint = " · ".join(part for part in ("AWS profile", region or "", how) if part)
        yield Place(clean_line(name), hint, TargetSpec(TargetKind.AWS, profile=name, region=region))


def _profile(section: str) -> str:
    """``[profile x]`` and ``[default]`` are profiles, ``[sso-session x]`` is none."""
    return (
        section
        if section == "default"
        else section.removeprefix("profile ").strip() * ("profile " in section)
    )


def _sections(file: str | Path) -> dict[str, dict[str, str]]:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read(file, encoding="utf-8")
        return {name: dict(parser.items(name)) for name in parser.sections()}
    except (configparser.Error, UnicodeDecodeError):
        return {}  # opening the target says what is wrong with the file
