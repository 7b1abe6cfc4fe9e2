"""The lab's server: PostgreSQL, TLS, backups and the share, set up on Debian and Ubuntu. Standard library only."""
