from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0011_reopen_days")]

    operations = [
        migrations.CreateModel(
            name="Mailbox",
            fields=[
                ("name", models.CharField(max_length=255, primary_key=True, serialize=False)),
                ("validity", models.BigIntegerField(default=0)),
                ("next_uid", models.BigIntegerField(default=0)),
                ("newest", models.BigIntegerField(default=0)),
                ("lease", models.BigIntegerField(default=0)),
                ("holder", models.CharField(default="", max_length=64)),
            ],
            options={"db_table": "chat_mailbox"},
        ),
        migrations.CreateModel(
            name="Fetched",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("mailbox", models.CharField(max_length=255)),
                ("validity", models.BigIntegerField()),
                ("uid", models.BigIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("at", models.BigIntegerField()),
            ],
            options={
                "db_table": "chat_fetched",
                "indexes": [
                    models.Index(fields=["digest"], name="fetched_digest"),
                    models.Index(fields=["at"], name="fetched_at"),
                ],
                "constraints": [models.UniqueConstraint(fields=["mailbox", "validity", "uid"], name="fetched_once")],
            },
        ),
    ]
