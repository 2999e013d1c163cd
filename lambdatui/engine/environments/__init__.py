"""Execution environments: processes that poll the Runtime API, their pool, their limits, their launcher."""
