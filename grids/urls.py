from django.urls import URLPattern, URLResolver, path

from grids.views import importing, places

urlpatterns: list[URLPattern | URLResolver] = [
    path("tiles/<str:level>/<int:z>/<int:x>/<int:y>.mvt", places.tile, name="tile"),
    path("areas/map/", places.area_map, name="areas_map"),
    path("areas/locate", places.locate, name="locate"),
    path("areas/children.json", places.children, name="area_roots"),
    path("areas/children/<str:code>.json", places.children, name="area_children"),
    path("areas/import/", importing.upload, name="areas_import"),
    path("areas/import/<uuid:token>/", importing.review, name="areas_import_review"),
    path("areas/<str:code>.geojson", places.area_geojson, name="area_geojson"),
]
