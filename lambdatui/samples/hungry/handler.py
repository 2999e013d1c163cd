"""Takes {"megabytes": n}. 150 is fine, 400 is more than the function may have."""

import time


def handler(event, context):
    megabytes = int(event.get("megabytes", 150))
    taken = []
    for step in range(0, megabytes, 10):
        taken.append(bytearray(min(10, megabytes - step) * 1024 * 1024))
        print(f"{step + 10} of {megabytes} MB")
        time.sleep(0.01)  # slow enough to be seen in the log
    return {"megabytes": megabytes, "limit": context.memory_limit_in_mb}
