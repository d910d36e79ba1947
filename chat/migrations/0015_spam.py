from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0014_held")]

    operations = [
        migrations.AddIndex(
            model_name="received", index=models.Index(fields=["source", "-id"], condition=models.Q(state="spam"), name="received_spam")
        )
    ]
