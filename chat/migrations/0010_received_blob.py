from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0009_fold_again")]

    operations = [migrations.AddIndex(model_name="received", index=models.Index(fields=["digest"], name="received_blob"))]
