"""Writes {"lines": n} log lines at mixed levels."""

import json
import logging

logger = logging.getLogger()
logger.setLevel(logging.DEBUG)

STEPS = ("reading the basket", "checking stock", "asking the tax service", "reserving", "writing the invoice")


def handler(event, context):
    lines = int(event.get("lines", 40))
    for number in range(1, lines + 1):
        step = STEPS[number % len(STEPS)]
        if number % 13 == 0:
            logger.error("%s failed, trying again", step)
        elif number % 7 == 0:
            logger.warning("%s is slow: %d ms", step, number * 11)
        elif number % 5 == 0:
            print(json.dumps({"level": "INFO", "message": step, "line": number}))
        else:
            logger.info("%s (%d of %d)", step, number, lines)
    return {"lines": lines}
