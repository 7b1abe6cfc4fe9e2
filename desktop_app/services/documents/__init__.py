"""Documents: planned, uploaded, published, downloaded, verified, opened with other programs."""
