"""One way to ask SQLite and PostgreSQL: rows as dictionaries, `?` for values."""

import os
import sqlite3


class Database:
    """A connection; as a context manager it is closed at the end, what was changed is kept."""

    def __init__(self, url=""):
        url = url or os.environ["DATABASE_URL"]
        self.is_postgres = url.startswith(("postgres://", "postgresql://"))
        if self.is_postgres:
            import psycopg
            from psycopg.rows import dict_row

            self.connection = psycopg.connect(url, row_factory=dict_row)
        else:
            path = url.removeprefix("sqlite:")
            path = path[2:] if path.startswith("///") else path
            self.connection = sqlite3.connect(path, timeout=15, check_same_thread=False)
            self.connection.row_factory = lambda cursor, row: {
                column[0]: value for column, value in zip(cursor.description, row, strict=True)
            }

    def _sql(self, sql):
        return sql.replace("?", "%s") if self.is_postgres else sql

    def query(self, sql, *values):
        return self.connection.execute(self._sql(sql), values).fetchall()

    def one(self, sql, *values):
        return self.connection.execute(self._sql(sql), values).fetchone()

    def execute(self, sql, *values):
        self.connection.execute(self._sql(sql), values)

    def many(self, sql, rows):
        self.connection.cursor().executemany(self._sql(sql), list(rows))

    def script(self, sql):
        for statement in sql.split(";"):
            if statement.strip():
                self.connection.execute(statement)

    def commit(self):
        self.connection.commit()

    def close(self):
        self.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind is None:
            self.connection.commit()
        self.connection.close()
