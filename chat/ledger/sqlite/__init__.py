"""Django database backend for SQLite that shares the writer's lock."""
