"""The root logger's handler that functions find on Lambda. Imported with `logging`, not before."""

from __future__ import annotations

import logging
import os
import time
from json import dumps

from . import lines

TEXT = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s"
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"aws_request_id", "asctime", "message"}
LEVELS = {"TRACE": "DEBUG", "FATAL": "CRITICAL"}


class JsonFormatter(logging.Formatter):
    """One JSON object for a record, with what was passed as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
            "requestId": lines.State.request_id,
        }
        fields.update((name, value) for name, value in vars(record).items() if name not in STANDARD)
        if record.exc_info and record.exc_info[0]:
            fields["errorType"] = record.exc_info[0].__name__
            fields["errorMessage"] = str(record.exc_info[1])
            fields["stackTrace"] = self.formatException(record.exc_info).splitlines()  # type: ignore[assignment]
        return dumps(fields, default=str)


class LambdaLoggerHandler(logging.Handler):
    """Writes every record as one event."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            record.aws_request_id = lines.State.request_id
            lines.write(self.format(record))
        except Exception:
            self.handleError(record)


def prepare() -> None:
    """Give the root logger its handler."""
    handler = LambdaLoggerHandler()
    if os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON":
        handler.setFormatter(JsonFormatter())
        level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "INFO")
        logging.root.setLevel(LEVELS.get(level, level))
    else:
        formatter = logging.Formatter(TEXT, "%Y-%m-%dT%H:%M:%S")
        formatter.converter = time.gmtime
        handler.setFormatter(formatter)
    logging.root.addHandler(handler)
