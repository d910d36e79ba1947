from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0013_pausing")]

    operations = [
        migrations.CreateModel(
            name="Held",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("conversation", models.BigIntegerField()),
                ("agent", models.CharField(max_length=64)),
                ("name", models.CharField(max_length=80)),
                ("action", models.CharField(max_length=32)),
                ("form", models.TextField()),
                ("key", models.CharField(max_length=100)),
                ("at", models.BigIntegerField()),
                ("lease", models.BigIntegerField(default=0)),
                ("problem", models.CharField(default="", max_length=300)),
                ("code", models.CharField(default="", max_length=32)),
            ],
            options={
                "db_table": "chat_held",
                "indexes": [models.Index(condition=models.Q(("problem", "")), fields=["at"], name="held_due")],
                "constraints": [models.UniqueConstraint(fields=("conversation", "agent", "key"), name="held_once")],
            },
        ),
    ]
