from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0007_masking")]

    operations = [
        migrations.AddField("link", "bearer", models.BooleanField(default=False)),
        migrations.CreateModel(
            name="Gathered",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("person", models.CharField(max_length=64, unique=True)),
                ("contents", models.TextField()),
                ("made_at", models.BigIntegerField()),
                ("until", models.BigIntegerField()),
            ],
            options={"db_table": "chat_gathered"},
        ),
    ]
