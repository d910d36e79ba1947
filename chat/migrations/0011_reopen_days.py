from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0010_received_blob")]

    operations = [migrations.AddField("site", "reopen_days", models.PositiveIntegerField(default=0))]
