"""Static files with hashed names, also where one of our modules imports another."""

from whitenoise.storage import CompressedManifestStaticFilesStorage

_Storage = CompressedManifestStaticFilesStorage
IMPORTS = _Storage._js_module_import_aggregation_patterns[1]


class HashedModulesStorage(_Storage):
    """So that a page never runs a new module with an older one that it imports.

    Only in static/js: what others wrote has imports in comments and templates.
    """

    patterns = (*_Storage.patterns, ("js/*.js", IMPORTS))
