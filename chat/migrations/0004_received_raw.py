from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0003_reads")]

    operations = [
        migrations.AddField(
            model_name="received",
            name="raw",
            field=models.BinaryField(null=True),
        ),
    ]
