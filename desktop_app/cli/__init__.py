"""labkeep-admin: a thin face of the services for scripts and servers."""
