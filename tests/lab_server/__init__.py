"""The lab's server: what labkeep-server writes, and a real one beside this machine's own."""
