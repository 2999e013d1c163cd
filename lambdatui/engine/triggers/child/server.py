"""moto behind a small threaded server, open to the engine alone."""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Callable, Iterable
from typing import Any

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import BaseWSGIServer, make_server

logger = logging.getLogger(__name__)

TOKEN_HEADER = "HTTP_X_LAMBDATUI_NEIGHBOUR"  # noqa: S105 - the name of the header, as WSGI spells it

OWN_PAGES = ("moto_api", "instance_metadata")
"""A page of moto resets every account, at a path that anybody could sign."""

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Handler(MotoRequestHandler):
    """Says nothing of requests that went well or badly: the engine's callers hear it."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


class Dispatcher(DomainDispatcherApplication):
    """Says no to services that moto does not have (it would take them for S3), and to moto's own API."""

    def get_backend_for_host(self, host: str | None) -> Any:
        if host in OWN_PAGES:
            raise NotImplementedError("pages of the neighbours' own")
        backend = super().get_backend_for_host(host)
        if backend is None and host is not None:
            raise NotImplementedError(f"the service {host.partition('.')[0]!r}")
        return backend


def serve(token: str) -> BaseWSGIServer:
    """A server on a free loopback port, for requests that carry `token`."""
    application = _guarded(Dispatcher(create_backend_app), token)
    return make_server("127.0.0.1", 0, application, threaded=True, request_handler=Handler)


def _guarded(moto: Application, token: str) -> Application:
    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        given = environ.pop(TOKEN_HEADER, "")
        if not hmac.compare_digest(given.encode(), token.encode()):
            start_response("403 Forbidden", [("Content-Type", "text/plain")])
            return [b"Only the engine that started this process may ask it.\n"]
        try:
            return moto(environ, start_response)
        except NotImplementedError as error:
            return _refuse(start_response, "501 Not Implemented", f"The local neighbours lack this: {error}")
        except ImportError as error:
            sentence = f"This neighbour needs a package that is not installed: {error}"
            return _refuse(start_response, "501 Not Implemented", sentence)
        except Exception:
            logger.exception("%s %s failed", environ.get("REQUEST_METHOD"), environ.get("PATH_INFO"))
            sentence = "The neighbour failed to handle this request; the engine's log on stderr says more."
            return _refuse(start_response, "500 Internal Server Error", sentence)

    return answer


def _refuse(start_response: Any, status: str, sentence: str) -> Iterable[bytes]:
    """The engine gives this the form of the service's protocol."""
    headers = [("Content-Type", "application/json"), ("X-Lambdatui-Refusal", "1")]
    start_response(status, headers)
    return [json.dumps({"message": sentence}).encode()]
