"""Static files with hashed names, also where one of our modules imports another."""

from whitenoise.storage import CompressedManifestStaticFilesStorage

USUAL = CompressedManifestStaticFilesStorage.patterns
IMPORTS = CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1]


class HashedModulesStorage(CompressedManifestStaticFilesStorage):
    """So that a page never runs a new module with an older one that it imports.

    Only in static/js: what others wrote has imports in comments and templates.
    """

    patterns = (*USUAL, ("js/*.js", IMPORTS))
