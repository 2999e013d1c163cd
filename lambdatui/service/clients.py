"""How clients of aiobotocore are made. Imported in a thread: what it imports takes 150 ms."""

from __future__ import annotations

import gzip
import os
import socket
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import orjson
from aiobotocore.config import AioConfig
from aiobotocore.session import AioSession
from botocore.exceptions import DataNotFoundError, UnknownServiceError
from botocore.loaders import JSONFileLoader, Loader

from lambdatui.service.connection import INVOKE_LIMIT_S, Access
from lambdatui.service.errors import NoCredentials

_OPENERS: dict[str, Callable[..., Any]] = {".json": open, ".json.gz": gzip.open}


def session(access: Access) -> AioSession:
    """Reads the user's AWS files, unless keys are given."""
    if access.keys is None:
        made = AioSession(profile=access.profile)
        _forbid_prompts(made)
    else:
        nothing = (None, None, os.devnull, None)
        made = AioSession(
            session_vars={
                "profile": (None, None, None, None),
                "config_file": nothing,
                "credentials_file": nothing,
            }
        )
        made.set_credentials(*access.keys)
    made.lazy_register_component("data_loader", lambda: _loader(made.get_config_variable("data_path")))
    return made


def client(
    session: AioSession, access: Access, service: str, *, invoking: bool
) -> AbstractAsyncContextManager[Any]:
    """One for a service; ``invoking``: for Lambda's invocations."""
    opening: AbstractAsyncContextManager[Any] = session.create_client(
        service,
        region_name=access.region,
        endpoint_url=access.endpoint,
        verify=None if access.keys is None else False,  # a local engine is asked without TLS
        config=_config(access, invoking),
    )
    return opening


class _QuickFiles(JSONFileLoader):  # type: ignore[misc]
    """Reads into plain dicts: they keep their order too, and take a third of the memory."""

    def load_file(self, file_path: str) -> Any:
        for ending, opener in _OPENERS.items():
            if os.path.isfile(file_path + ending):
                with opener(file_path + ending, "rb") as file:
                    return orjson.loads(file.read())
        return None


class _QuickLoader(Loader):  # type: ignore[misc]
    """Looks into the folder of the service that is meant. botocore's own goes through those of all 400, once
    for each kind of file."""

    def list_available_services(self, type_name: str) -> list[str]:
        """All that have files of any kind."""
        folders = filter(os.path.isdir, self.search_paths)
        return sorted({name for folder in folders for name in os.listdir(folder)})

    def list_api_versions(self, service_name: str, type_name: str) -> list[str]:
        try:
            versions: list[str] = super().list_api_versions(service_name, type_name)
        except DataNotFoundError:
            raise UnknownServiceError(service_name=service_name, known_service_names="") from None
        return versions


def _loader(more_folders: str | None) -> Loader:
    folders = more_folders.split(os.pathsep) if more_folders else []
    return _QuickLoader([os.path.expanduser(os.path.expandvars(each)) for each in folders], _QuickFiles())


def _config(access: Access, invoking: bool) -> AioConfig:
    local = access.keys is not None
    options: dict[str, Any] = {
        "connect_timeout": 5,
        "read_timeout": INVOKE_LIMIT_S + 30 if invoking else 30,
        "max_pool_connections": 100 if invoking else 20,
        "retries": {"mode": "standard", "total_max_attempts": 1 if invoking or local else 4},
        "connector_args": {"keepalive_timeout": 12.0, "socket_factory": _kept_alive_socket},
        "warm_up_loader_caches": True,  # service models are parsed in a thread
    }
    if local:
        options["proxies"] = {}
        options["ignore_configured_endpoint_urls"] = True
    return AioConfig(**options)


def _kept_alive_socket(address: tuple[Any, ...]) -> socket.socket:
    """Routers forget silent connections after minutes; a function may run silently for fifteen."""
    family, kind, protocol, *_ = address
    made = socket.socket(family, kind, protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_KEEPIDLE"):
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60)
    return made


def _forbid_prompts(session: Any) -> None:
    """botocore asks for MFA codes on the terminal, which a dashboard owns: refuse with words instead."""

    def refuse(_prompt: str) -> str:
        raise NoCredentials(
            "This profile asks for an MFA code. Make a session first"
            " (aws sts get-session-token, aws sso login), then use its credentials."
        )

    provider = session.get_component("credential_provider").get_provider("assume-role")
    provider._prompter = refuse
