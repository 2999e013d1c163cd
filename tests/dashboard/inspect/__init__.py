"""The screens that look inside a target."""
