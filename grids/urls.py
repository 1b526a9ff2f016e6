from django.urls import URLPattern, URLResolver, path

from grids.views import exporting, importing, places, proposals
from grids.views.backdrop import backdrop

urlpatterns: list[URLPattern | URLResolver] = [
    path("tiles/<str:level>/<int:z>/<int:x>/<int:y>.mvt", places.tile, name="tile"),
    path("areas/map/", places.area_map, name="areas_map"),
    path("areas/backdrop.geojson", backdrop, name="areas_backdrop"),
    path("areas/locate", places.locate, name="locate"),
    path("areas/children.json", places.children, name="area_roots"),
    path("areas/children/<str:code>.json", places.children, name="area_children"),
    path("areas/export/", exporting.export, name="areas_export"),
    path("areas/import/", importing.upload, name="areas_import"),
    path("areas/import/<uuid:token>/", importing.review, name="areas_import_review"),
    path("areas/<str:code>/proposal/", proposals.proposal, name="proposal"),
    path("areas/<str:code>/proposal/redraw/", proposals.redraw, name="proposal_redraw"),
    path(
        "areas/<str:code>/proposal/publish/", proposals.publish, name="proposal_publish"
    ),
    path(
        "areas/<str:code>/proposal/discard/", proposals.discard, name="proposal_discard"
    ),
    path("areas/<str:code>.geojson", places.area_geojson, name="area_geojson"),
]
