"""A site keeps records for the floor of days at least, whoever writes the row."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from chat.ledger.keeping import FLOOR_DAYS
from chat.people.models import Site

pytestmark = pytest.mark.engine


def test_neither_the_model_nor_the_database_goes_below_the_floor(database: str) -> None:
    site = Site(key="brindle", name="Brindle Lamps", prefix="BR", keep_days=FLOOR_DAYS - 1)
    with pytest.raises(ValidationError, match="keep_days"):
        site.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        site.save()
    site.keep_days = FLOOR_DAYS
    site.full_clean()
    site.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        Site.objects.update(keep_days=1)
