"""A new function: what is asked for it, checked as it is typed."""
