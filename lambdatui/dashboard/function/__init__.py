"""The function screen: everything that belongs to one function, a tab each."""
