"""What can go wrong when we ask a target for something, each with words for a person.

``str(error)`` is the sentence: what happened and what to do. AWS's own code and message stay in
``code`` and ``aws_message`` for those who want them.
"""

from __future__ import annotations


def sentence(text: str) -> str:
    """Text of ours as a sentence; not for what may begin with a name, which stays as it is."""
    return text[:1].upper() + text[1:]


class ServiceError(Exception):
    """A call failed for a reason that no other class names (AWS's own failures, mostly)."""

    def __init__(self, sentence: str, *, code: str = "", aws_message: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code or type(self).__name__
        self.aws_message = aws_message


class NotFound(ServiceError):  # noqa: N818 - they are named for what happened, as AWS names them
    """The function, version, alias or log group is not there."""


class Conflict(ServiceError):  # noqa: N818
    """It exists already, or is busy with another change."""


class NotReady(Conflict):
    """Lambda is still creating the function."""


class Changed(ServiceError):  # noqa: N818
    """Somebody changed it since we looked (412)."""


class Invalid(ServiceError):  # noqa: N818
    """A value was refused."""


class TooLarge(ServiceError):  # noqa: N818
    """A payload or package over Lambda's limit."""


class Throttled(ServiceError):  # noqa: N818
    """Too many requests, or no concurrency left."""


class Denied(ServiceError):  # noqa: N818
    """These credentials may not do that."""


class ReadOnly(Denied):
    """lambdatui itself refused, because the target was opened read-only."""


class Expired(ServiceError):  # noqa: N818
    """The credentials were good and have run out."""


class NoCredentials(ServiceError):  # noqa: N818
    """There are no usable credentials, or no region, for this target."""


class Unreachable(ServiceError):  # noqa: N818
    """Nobody answers at the endpoint."""


class EngineFailed(ServiceError):  # noqa: N818
    """The local engine could not be started."""


class Unsupported(ServiceError):  # noqa: N818
    """The endpoint does not offer this operation."""
