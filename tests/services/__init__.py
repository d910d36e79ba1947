"""Real servers for the tests, each a throw-away of its own on a free port of 127.0.0.1.

Every test process starts its own, so that parallel workers cannot disturb each other. Nothing here knows what the product does.
"""

from tests.services.ports import Unavailable, free_port, wait_for_port
from tests.services.postfix import Postfix
from tests.services.postgres import Postgres
from tests.services.product import RunningServer
from tests.services.redis import Redis
from tests.services.sink import MailSink

__all__ = ["MailSink", "Postfix", "Postgres", "Redis", "RunningServer", "Unavailable", "free_port", "wait_for_port"]
