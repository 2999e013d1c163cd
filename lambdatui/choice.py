"""Which target is meant when the command line leaves it open; decided without loading any AWS library."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from lambdatui import address, paths
from lambdatui.model import TargetKind
from lambdatui.model.rules import Rule
from lambdatui.service import TargetSpec, last

_VARIABLES = (
    "AWS_ACCESS_KEY_ID",
    "AWS_PROFILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)
_SETTINGS = (
    "aws_access_key_id",
    "sso_session",
    "sso_start_url",
    "role_arn",
    "credential_process",
    "login_session",
)


def target(
    asked: TargetSpec | None, *, region: str | None, read_only: bool, rules: tuple[Rule, ...] = ()
) -> TargetSpec:
    """What was asked for, else the last target, else AWS when credentials are likely, else local."""
    spec = asked or _environment_is_local() or last.load() or TargetSpec(_likely())
    return replace(spec, region=region or spec.region, read_only=read_only, rules=rules)


def _environment_is_local() -> TargetSpec | None:
    """A shell that took over ``lambdatui env`` means the local engine, with all that only it can do."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    if not endpoint:
        return None
    running = address.find(paths.engine_dir())
    return TargetSpec(TargetKind.LOCAL) if running and running.url == endpoint else None


def _likely() -> TargetKind:
    if any(os.environ.get(name) for name in _VARIABLES):
        return TargetKind.AWS
    home = Path.home() / ".aws"
    files = (
        os.environ.get("AWS_SHARED_CREDENTIALS_FILE") or home / "credentials",
        os.environ.get("AWS_CONFIG_FILE") or home / "config",
    )
    return TargetKind.AWS if any(_has_credentials(Path(file)) for file in files) else TargetKind.LOCAL


def _has_credentials(file: Path) -> bool:
    import configparser  # asked only where no target was named and none is remembered

    parser = configparser.RawConfigParser()
    try:
        parser.read(file, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        return True  # there is something: let the AWS library say what is wrong with it
    return parser.has_section("default") and any(parser.has_option("default", name) for name in _SETTINGS)
