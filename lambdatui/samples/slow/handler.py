"""Sleeps. {"seconds": 1.5} is fine, {"seconds": 5} runs into the timeout."""

import time


def handler(event, context):
    seconds = float(event.get("seconds", 1))
    for tick in range(int(seconds * 2)):
        print(f"{tick / 2:.1f} s, {context.get_remaining_time_in_millis()} ms left")
        time.sleep(0.5)
    time.sleep(seconds % 0.5)
    return {"slept": seconds}
