"""Which files of this folder are about the engine that the tests run on."""

from tests.conftest import ENGINE

collect_ignore = ["test_on_sqlite.py" if ENGINE == "postgres" else "test_on_postgres.py"]
