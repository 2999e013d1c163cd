"""Greets the caller. Try: {"name": "Ada"}"""

import os


def handler(event, context):
    name = event.get("name", "world") if isinstance(event, dict) else "world"
    greeting = f"{os.environ.get('GREETING', 'Hello')}, {name}!"
    print(f"greeting {name}")
    return {"message": greeting, "version": context.function_version}
