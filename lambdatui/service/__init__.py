"""AWS clients live here and nowhere else: targets, catalog, invocations, logs."""
