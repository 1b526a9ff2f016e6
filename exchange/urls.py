"""Routes of tables in and out."""

from django.urls import URLPattern, URLResolver, path

from exchange.views import exporting, importing

urlpatterns: list[URLPattern | URLResolver] = [
    path("exchange/import/", importing.tables, name="tables"),
    path("exchange/import/<slug:code>/", importing.upload, name="import_upload"),
    path(
        "exchange/import/<slug:code>/template.xlsx",
        importing.template,
        name="import_template",
    ),
    path("exchange/imports/<uuid:token>/", importing.review, name="import_review"),
    path(
        "exchange/imports/<uuid:token>/errors/",
        importing.errors,
        name="import_errors",
    ),
    path("exchange/imports/<uuid:token>/drop/", importing.drop, name="import_drop"),
    path("exchange/export/", exporting.exports, name="exports"),
    path("exchange/export/<slug:code>/", exporting.ask, name="export"),
    path("exchange/exports/<uuid:token>/", exporting.progress, name="export_progress"),
    path(
        "exchange/exports/<uuid:token>/file/",
        exporting.download,
        name="export_file",
    ),
]
