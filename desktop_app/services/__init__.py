"""Use cases, one module per subject; no Qt and no SQLAlchemy types in signatures."""
