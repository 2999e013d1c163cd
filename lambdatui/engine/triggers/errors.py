"""What neighbours answer when they do not answer well."""

from __future__ import annotations

UNAVAILABLE = "ServiceUnavailable"


class NeighbourError(Exception):
    """An error of a neighbour, by AWS's code; or that there is no neighbour to ask."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int = 400,
        service: str = "",
        operation: str = "",
        unreachable: bool = False,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.service = service
        self.operation = operation
        self.unreachable = unreachable
        """Not installed, switched off, died, or no answer in time: asking again later may help."""


def unreachable(sentence: str, service: str = "", operation: str = "") -> NeighbourError:
    return NeighbourError(
        UNAVAILABLE, sentence, status=503, service=service, operation=operation, unreachable=True
    )
