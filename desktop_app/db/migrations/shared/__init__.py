"""The line of revisions for what all centers share: public, internal, api and security."""
