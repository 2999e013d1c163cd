"""One change of many functions: said before, done with progress, told row by row."""
