"""Figures about functions, as CloudWatch keeps them for Lambda."""
