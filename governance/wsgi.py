"""WSGI entry for the web server."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings")
application = get_wsgi_application()

# What was loaded stays: it need not be looked through again at each collection. And a
# page makes some ten thousand objects that are gone with it, which is no reason to
# look for those that are not.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 20)
