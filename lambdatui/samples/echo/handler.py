"""Answers with the event and the context: what a function can see."""


def handler(event, context):
    return {
        "event": event,
        "context": {
            "function": context.function_name,
            "version": context.function_version,
            "arn": context.invoked_function_arn,
            "request_id": context.aws_request_id,
            "memory_mb": context.memory_limit_in_mb,
            "milliseconds_left": context.get_remaining_time_in_millis(),
        },
    }
