"""The one place that knows AWS clients: what the dashboard and the headless commands call.

Importing it is cheap; botocore comes in a thread when the first call is made.
"""

from lambdatui.service import errors
from lambdatui.service.engine import EngineControl
from lambdatui.service.errors import ServiceError
from lambdatui.service.functions import Functions
from lambdatui.service.history import History
from lambdatui.service.invoker import Invoker
from lambdatui.service.logs import Logs
from lambdatui.service.spec import TargetSpec
from lambdatui.service.targets import Service, open_target
from lambdatui.service.versions import Versions

__all__ = [
    "EngineControl",
    "Functions",
    "History",
    "Invoker",
    "Logs",
    "Service",
    "ServiceError",
    "TargetSpec",
    "Versions",
    "errors",
    "open_target",
]
