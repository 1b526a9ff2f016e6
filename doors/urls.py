"""Routes of the open interfaces."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from doors.api import (
    alarms,
    bridge,
    cases,
    docs,
    filing,
    geo,
    master,
    performing,
    spot,
)
from doors.views import bridges, interface, oidc, placing

urlpatterns: list[URLPattern | URLResolver] = [
    path(
        "api/v1/submissions/", filing.SubmissionsView.as_view(), name="api_submissions"
    ),
    path("api/v1/steps/", filing.StepsView.as_view(), name="api_steps"),
    path("api/v1/photos/", filing.PhotosView.as_view(), name="api_photos"),
    path(
        "api/v1/photos/<uuid:photo_id>/", spot.OwnPhotoView.as_view(), name="api_photo"
    ),
    path(
        "api/v1/photos/<uuid:photo_id>/thumb/",
        filing.ThumbView.as_view(),
        name="api_photo_thumb",
    ),
    path("api/v1/cases/", cases.CasesView.as_view(), name="api_cases"),
    path("api/v1/cases/<int:case_id>/", cases.CaseView.as_view(), name="api_case"),
    path(
        "api/v1/cases/<int:case_id>/actions/<slug:action>/",
        performing.ActionView.as_view(),
        name="api_action",
    ),
    path(
        "api/v1/cases/<int:case_id>/whistle/preview/",
        performing.WhistlePreviewView.as_view(),
        name="api_whistle_preview",
    ),
    path(
        "api/v1/bridge/work-orders/",
        bridge.WorkOrdersView.as_view(),
        name="api_work_orders",
    ),
    path(
        "api/v1/bridge/work-orders/<slug:source>/<path:external_id>/",
        bridge.WorkOrderView.as_view(),
        name="api_work_order",
    ),
    path("api/v1/areas.geojson", geo.AreasView.as_view(), name="api_areas_geojson"),
    path("api/v1/cases.geojson", geo.CasesView.as_view(), name="api_cases_geojson"),
    path(
        "api/v1/tiles/cases/<int:z>/<int:x>/<int:y>.mvt",
        geo.CaseTileView.as_view(),
        name="api_case_tile",
    ),
    path(
        "api/v1/tiles/<str:layer>/<int:z>/<int:x>/<int:y>.mvt",
        geo.TileView.as_view(),
        name="api_tile",
    ),
    path("login/oidc/<slug:code>/", oidc.leave, name="oidc_leave"),
    path("login/oidc/<slug:code>/back/", oidc.back, name="oidc_back"),
    path("bridges/", bridges.orders, name="bridge_orders"),
    path("bridges/orders/<int:order_id>/", bridges.order, name="bridge_order"),
    path("bridges/orders/<int:order_id>/file/", bridges.file_order, name="bridge_file"),
    path(
        "bridges/orders/<int:order_id>/return/",
        bridges.return_order,
        name="bridge_return",
    ),
    path("bridges/open311/", placing.requests, name="open311_unplaced"),
    path(
        "bridges/open311/<uuid:request_id>/", placing.unplaced, name="open311_placing"
    ),
    path(
        "bridges/open311/<uuid:request_id>/place/", placing.place, name="open311_place"
    ),
]

urlpatterns += [  # devices, master data, messages, figures
    path("api/v1/alarms/", alarms.AlarmsView.as_view(), name="api_alarms"),
    path("api/v1/areas/", master.AreasView.as_view(), name="api_areas"),
    path("api/v1/areas/locate/", master.LocateView.as_view(), name="api_locate"),
    path("api/v1/categories/", master.CategoriesView.as_view(), name="api_categories"),
    path(
        "api/v1/organisations/",
        master.OrganisationsView.as_view(),
        name="api_organisations",
    ),
    path("api/v1/messages/", master.MessagesView.as_view(), name="api_messages"),
    path("api/v1/figures/", master.FiguresView.as_view(), name="api_figures"),
]

urlpatterns += [  # what the pages of duties do
    path("api/v1/", include("doors.api.urls")),
]

urlpatterns += [  # the interface, as people read it
    path("interface/", interface.interface, name="interface"),
    path(
        "interface/<slug:operation_id>/",
        interface.operation,
        name="interface_operation",
    ),
]

urlpatterns += [  # beside the steps of cases, and the figures
    path("api/v1/", include("doors.api.routes")),
]

urlpatterns += [  # last: whatever else begins so
    path("api/v1/schema/", docs.SchemaView.as_view(), name="api_schema"),
    path("api/v1/openapi.json", docs.SchemaJsonView.as_view(), name="api_schema_json"),
    re_path(r"^api/v1/[\s\S]*$", docs.NowhereView.as_view(), name="api_nowhere"),
    path("", include("doors.open311.urls")),
]
