"""Fails every third run of one environment. Send it as an Event to watch the retries."""

import logging

logger = logging.getLogger()
logger.setLevel(logging.INFO)

runs = 0


class PaymentRefused(Exception):
    """What the bank says now and then."""


def charge(order):
    if runs % 3 == 0:
        raise PaymentRefused(f"order {order}: the bank refused the card")
    return "charged"


def handler(event, context):
    global runs
    runs += 1
    order = event.get("order", 0)
    logger.info("run %d, order %s", runs, order)
    return {"order": order, "result": charge(order), "run": runs}
