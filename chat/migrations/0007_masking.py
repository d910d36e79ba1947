from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0006_keeping")]

    operations = [
        migrations.AddField("site", "mask_cards", models.BooleanField(default=True)),
        migrations.AddField("site", "mask_patterns", models.TextField(blank=True, default="")),
    ]
