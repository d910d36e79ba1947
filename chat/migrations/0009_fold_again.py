from typing import Any

from django.db import migrations


def fold_again(apps: Any, schema_editor: Any) -> None:
    # What an event keeps alive, and for how long, follows from the events that are there since this version.
    from chat.ledger.refold import refold_all

    refold_all()


class Migration(migrations.Migration):
    dependencies = [("chat", "0008_everything")]
    operations = [migrations.RunPython(fold_again, migrations.RunPython.noop)]
