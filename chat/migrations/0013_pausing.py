from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0012_mailboxes")]

    operations = [
        migrations.CreateModel(
            name="Unreached",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("person", models.CharField(max_length=64)),
                ("kind", models.CharField(max_length=12)),
                ("conversation", models.BigIntegerField()),
                ("position", models.BigIntegerField()),
                ("at", models.BigIntegerField()),
            ],
            options={
                "db_table": "chat_unreached",
                "constraints": [models.UniqueConstraint(fields=["person", "kind", "conversation", "position"], name="unreached_once")],
            },
        ),
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=64)),
                ("hour", models.BigIntegerField()),
                ("count", models.BigIntegerField(default=0)),
            ],
            options={
                "db_table": "chat_tally",
                "constraints": [models.UniqueConstraint(fields=["name", "hour"], name="tally_once")],
                "indexes": [models.Index(fields=["hour"], name="tally_by_hour")],
            },
        ),
    ]
