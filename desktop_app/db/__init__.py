"""PostgreSQL: the only importer of sqlalchemy and alembic; of psycopg2 beside ``server``, which asks one question."""
