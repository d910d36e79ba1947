"""Static files for production: a hash in their names, immutable for browsers, import paths rewritten, our own comments left out.

What is served in development is the very file in static/.
"""

from __future__ import annotations

import re
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

LEAN = (".js", ".css")
_COMMENTS = re.compile(r"^[ \t]*(?:/\*.*?\*/|//[^\n]*)[ \t]*\n", re.MULTILINE | re.DOTALL)


def lean(text: str) -> str:
    """The text without comments that fill whole lines. It leaves everything else as it stands."""
    return _COMMENTS.sub("", text)


class HashedFiles(CompressedManifestStaticFilesStorage):
    support_js_module_import_aggregation = True
    # Each pass carries new names one step further along the imports of our modules, whose longest chain is about ten.
    max_post_process_passes = 25

    def _save(self, name: str, content: Any) -> str:
        # Vendored files keep their licence headers.
        if name.endswith(LEAN) and not name.startswith("vendor/"):
            content.seek(0)  # Django has read it already, to hash it
            content = ContentFile(lean(content.read().decode()).encode())
        saved: str = super()._save(name, content)
        return saved
