"""WSGI entry for the web server."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings")
application = get_wsgi_application()

# What was loaded stays: it need not be looked through again at each collection.
gc.collect()
gc.freeze()
