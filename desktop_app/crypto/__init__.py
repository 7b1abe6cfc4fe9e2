"""Keys, seals and signatures: the only importer of cryptography."""
