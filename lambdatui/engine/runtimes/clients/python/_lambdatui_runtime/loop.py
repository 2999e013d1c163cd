"""Load the handler, then call it for one event after the other."""

from __future__ import annotations

import builtins
import os
import sys
from importlib import import_module
from json import dumps, loads

from . import lines
from .context import LambdaContext
from .wire import Api

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

    Handler = Callable[[Any, LambdaContext], Any]

ASCII = sys.version_info < (3, 12)  # newer runtimes answer in UTF-8


class WhenImported:
    """Sets `logging` up when the function first imports it: for nothing it would slow every start."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name != "logging":
            return None
        sys.meta_path.remove(self)
        from importlib.util import find_spec

        spec = find_spec(name)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def then_prepare(module: ModuleType) -> None:
                execute(module)
                sys.modules["logging"] = module
                from . import logs

                logs.prepare()

            spec.loader.exec_module = then_prepare  # type: ignore[method-assign]
        return spec


def load_handler(name: str) -> Handler:
    """The function's handler; raises what stands in the way."""
    module_name, dot, function_name = name.rpartition(".")
    if not dot:
        problem = "not enough values to unpack (expected 2, got 1)"
        raise fault("Runtime.MalformedHandlerName", f"Bad handler '{name}': {problem}")
    module_name = module_name.replace("/", ".")
    if module_name.split(".")[0] in sys.builtin_module_names:
        raise fault(
            "Runtime.BuiltInModuleConflict", f"Cannot use built-in module {module_name} as a handler module"
        )
    try:
        module = import_module(module_name)
    except ImportError as problem:
        message = f"Unable to import module '{module_name}': {problem}"
        raise fault("Runtime.ImportModuleError", message) from problem
    except SyntaxError as problem:
        from .faults import syntax_fault

        raise syntax_fault(module_name, problem) from problem
    handler: Handler | None = getattr(module, function_name, None)
    if handler is None:
        message = f"Handler '{function_name}' missing on module '{module_name}'"
        raise fault("Runtime.HandlerNotFound", message)
    return handler


def fault(kind: str, message: str) -> Exception:
    """An error of the runtime's own kind."""
    from .faults import Fault

    return Fault(kind, message)


def plain(value: object) -> float:
    """What json cannot write by itself."""
    if type(value).__name__ == "Decimal" and type(value).__module__ == "decimal":
        return float(value)  # type: ignore[arg-type]
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def answer(
    handler: Handler, headers: dict[bytes, bytes], event: bytes | bytearray
) -> tuple[bytes, bytes, bytes]:
    """Path, body and headers of what is posted for one event."""
    request_id = headers[b"lambda-runtime-aws-request-id"]
    lines.State.request_id = request_id.decode()
    trace = headers.get(b"lambda-runtime-trace-id")
    if trace:
        os.environ["_X_AMZN_TRACE_ID"] = trace.decode()
    else:
        os.environ.pop("_X_AMZN_TRACE_ID", None)
    try:
        result = handler(loads(event), LambdaContext(headers))
        try:
            body = dumps(result, ensure_ascii=ASCII, default=plain).encode()
        except Exception as problem:
            raise fault("Runtime.MarshalError", f"Unable to marshal response: {problem}") from problem
        path, extra = b"invocation/%b/response" % request_id, b""
    except Exception as failure:
        from . import faults

        error = faults.body_of(failure, lines.State.request_id)
        faults.log(error)
        body = dumps(error).encode()
        path, extra = b"invocation/%b/error" % request_id, faults.header_of(error)
    sys.stdout.flush()
    sys.stderr.flush()
    return path, body, extra


def prepare_modules(task: str, opt: str) -> None:
    """Code first, then layers, then what PYTHONPATH says (our boto3 among it), then Python's own library."""
    library = [path for path in sys.path if path.startswith((sys.base_prefix, sys.base_exec_prefix))]
    paths = [task]
    if opt:
        version = "{}.{}".format(*sys.version_info[:2])
        paths += [f"{opt}/python/lib/python{version}/site-packages", f"{opt}/python"]
    given = os.environ.get("PYTHONPATH", "").split(":")
    sys.path[:] = paths + [path for path in given if path] + library
    sys.argv[:] = ["/var/runtime/bootstrap.py"]
    sys.dont_write_bytecode = True
    sys.meta_path.insert(0, WhenImported())
    if not hasattr(builtins, "exit"):  # without the site module there is none
        from _sitebuiltins import Quitter

        for name in ("exit", "quit"):
            setattr(builtins, name, Quitter(name, "Ctrl-D (i.e. EOF)"))


def stand_by(descriptor: int) -> str:
    """Wait for the configuration and take it on; what stands in /opt."""
    import time

    os.write(descriptor, b"ready\n")
    line = b""
    while not line.endswith(b"\n"):
        data = os.read(descriptor, 65536)
        if not data:
            os._exit(0)  # never needed
        line += data
    os.close(descriptor)
    config = loads(line)
    os.environ.clear()
    os.environ.update(config["env"])
    time.tzset()
    os.chdir(config["cwd"])
    return str(config["opt"])


def main(opt: str) -> None:
    """The life of a runtime process."""
    lines.State.opt = opt
    for stream, errors in ((sys.stdout, "strict"), (sys.stderr, "backslashreplace")):
        stream.reconfigure(encoding="utf-8", errors=errors, line_buffering=True)  # type: ignore[union-attr]
    prepare_modules(os.environ["LAMBDA_TASK_ROOT"], opt)
    api = Api(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        handler = load_handler(os.environ["_HANDLER"])
    except Exception as failure:
        from . import faults

        error = faults.body_of(failure, "")
        faults.log(error)
        api.tell(b"init/error", dumps(error).encode(), faults.header_of(error))
        sys.exit(1)
    headers, event = api.first()
    while True:
        headers, event = api.next(*answer(handler, headers, event))
