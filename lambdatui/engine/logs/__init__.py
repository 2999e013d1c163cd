"""CloudWatch Logs as far as Lambda's users lean on it."""
