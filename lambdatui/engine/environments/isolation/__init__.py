"""How environments are walled in.

`kernel`, `house`, `warden` and `landlock` run in the launcher: small, with nothing but the standard library.
The rest is the engine's side.
"""
