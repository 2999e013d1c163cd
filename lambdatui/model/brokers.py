"""MSK clusters that stand for brokers of one's own: what names one, and where its brokers are."""

from __future__ import annotations

import re

_ARN = re.compile(r"arn:[a-z-]+:kafka:[a-z0-9-]+:[0-9]{12}:cluster/[^/=\s]+/[^/=\s]+", re.ASCII)
_BROKERS = re.compile(r"[^\s,:]+:[0-9]{1,5}(,[^\s,:]+:[0-9]{1,5})*", re.ASCII)


def mistake(arn: str, brokers: str) -> str | None:
    """What is wrong with a cluster's brokers, if anything is."""
    if not _ARN.fullmatch(arn):
        return f"{arn!r} is no ARN of an MSK cluster"
    if not _BROKERS.fullmatch(brokers):
        return f"{brokers!r} names no brokers; write host:port, or several with commas between"
    return None
