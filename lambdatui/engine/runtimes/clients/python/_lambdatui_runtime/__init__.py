"""What runs around a Python handler. Start-up time is the user's cold start: nothing is imported in vain."""
