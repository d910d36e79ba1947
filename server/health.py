"""Whether this process can do its work: for load balancers and for people. Says what is wrong, and nothing about conversations."""

from __future__ import annotations

import structlog
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.urls import path

from chat.ledger import blobs, triggers
from chat.ledger.writer import running_writer

log = structlog.get_logger()


def health(request: HttpRequest) -> JsonResponse:
    """200 if database, triggers and blob store are in order, else 503 with a sentence for each that is not."""
    problems: dict[str, str] = {}
    try:
        connection.ensure_connection()
        missing = triggers.missing("default")
        if missing:
            problems["triggers"] = f"the database no longer refuses changes: {', '.join(missing)} missing"
    except DatabaseError as problem:
        log.error("health_database_away", problem=str(problem))
        problems["database"] = "the database does not answer"
    trouble = blobs.trouble()
    if trouble:
        problems["blobs"] = trouble
    answer = {"status": "trouble" if problems else "ok", "problems": problems, "waiting_to_be_stored": running_writer().waiting()}
    return JsonResponse(answer, status=503 if problems else 200)


urlpatterns = [path("health", health)]
