"""Shifting an alias from one version to another, seen as it happens."""
