"""The operations of Lambda's API: one module per family, one plain function per operation."""
