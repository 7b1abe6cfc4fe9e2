"""PostgreSQL: the only importer of sqlalchemy, psycopg2 and alembic."""
