"""How environments are walled in. `kernel`, `house`, `warden` and `landlock` run in the launcher: small, stdlib only."""
