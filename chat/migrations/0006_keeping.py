from typing import Any

from django.core.validators import MinValueValidator as at_least
from django.db import migrations, models


def kept_long_enough(apps: Any, schema_editor: Any) -> None:
    """A site that was set to fewer days before there was a floor gets the floor."""
    apps.get_model("chat", "Site").objects.filter(keep_days__lt=180).update(keep_days=180)


class Migration(migrations.Migration):
    dependencies = [("chat", "0005_proof")]

    operations = [
        migrations.AddField(
            model_name="conversation",
            name="keep_day",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(fields=["site", "keep_day", "id"], condition=~models.Q(keep_day=0), name="conversation_ends"),
        ),
        migrations.AddIndex(
            model_name="received",
            index=models.Index(fields=["conversation"], condition=models.Q(conversation__isnull=False), name="received_of"),
        ),
        migrations.CreateModel(
            name="Leftover",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("conversation", models.BigIntegerField()),
                ("entries", models.TextField()),
                ("digests", models.TextField()),
            ],
            options={"db_table": "chat_leftover"},
        ),
        migrations.CreateModel(
            name="RetentionRun",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("began_at", models.BigIntegerField()),
                ("seen_at", models.BigIntegerField()),
                ("ended_at", models.BigIntegerField(default=0)),
                ("looked", models.BigIntegerField(default=0)),
                ("noticed", models.BigIntegerField(default=0)),
                ("ended", models.BigIntegerField(default=0)),
                ("entries", models.BigIntegerField(default=0)),
                ("failed", models.BigIntegerField(default=0)),
            ],
            options={"db_table": "chat_retentionrun"},
        ),
        migrations.AlterField(
            model_name="site",
            name="keep_days",
            field=models.PositiveIntegerField(default=180, validators=[at_least(180)]),
        ),
        migrations.RunPython(kept_long_enough, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="site",
            constraint=models.CheckConstraint(condition=models.Q(keep_days__gte=180), name="kept_for_180_days_at_least"),
        ),
    ]
