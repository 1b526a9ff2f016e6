"""Routes of residents: the portal, reporting, following a case, privacy, QR codes."""

from django.urls import URLPattern, path

from civics.views import (
    data_desk,
    mine,
    places,
    portal,
    privacy,
    public,
    report,
    tracking,
)

urlpatterns: list[URLPattern] = [
    path("", portal.portal, name="portal"),
    path("q/<slug:code>/", portal.scan, name="resident_scan"),
    path("elder/", portal.elder, name="portal_elder"),
    path("leave/", portal.leave, name="portal_leave"),
]

urlpatterns += [  # a report in three steps
    path("report/", report.what, name="resident_report"),
    path("report/where/", report.where, name="resident_where"),
    path("report/who/", report.who, name="resident_who"),
    path("report/receipt/", report.receipt, name="resident_receipt"),
    path(
        "report/photos/<uuid:photo_id>/",
        report.draft_photo,
        name="resident_draft_photo",
    ),
]

urlpatterns += [  # one's own case, by number and code
    path("r/", tracking.resident_lookup, name="resident_lookup"),
    path("r/rate/", tracking.resident_rate, name="resident_rate"),
    path("r/withdraw/", tracking.resident_withdraw, name="resident_withdraw"),
    path("r/again/", tracking.resident_ask_again, name="resident_ask_again"),
    path("r/leave/", tracking.resident_leave, name="resident_leave"),
    path("r/photos/<uuid:photo_id>/", tracking.resident_photo, name="resident_photo"),
]

urlpatterns += [  # what a telephone stands behind
    path("phone/", mine.resident_phone, name="resident_phone"),
    path("mine/", mine.resident_mine, name="resident_mine"),
    path("mine/areas/", mine.resident_follow_area, name="resident_follow_area"),
    path(
        "mine/areas/<int:follow_id>/end/",
        mine.resident_unfollow_area,
        name="resident_unfollow_area",
    ),
    path("mine/data/<int:request_id>/", mine.resident_data, name="resident_data"),
    path("mine/cases/<int:case_id>/", mine.resident_open, name="resident_open"),
    path(
        "mine/follows/<int:follow_id>/end/",
        mine.resident_unfollow,
        name="resident_unfollow",
    ),
]

urlpatterns += [  # what everybody may see
    path("public/", public.public_list, name="public_list"),
    path("public/points.geojson", public.public_points, name="public_points"),
    path("public/<str:case_no>/", public.public_case, name="public_case"),
    path("privacy/", privacy.privacy, name="privacy"),
    path("privacy/requests/<uuid:submission>/", data_desk.data_desk, name="data_desk"),
    path(
        "privacy/requests/<uuid:submission>/file/",
        data_desk.data_export,
        name="data_export",
    ),
    path("privacy/request/", privacy.data_request, name="data_request"),
]

urlpatterns += [  # QR codes for the street, for those who put them up
    path("places/", places.places, name="places"),
    path("places/grids/", places.name_grids, name="place_grids"),
    path("places/sheets/", places.sheets, name="place_sheets"),
    path("places/<slug:code>/", places.sheet, name="place_sheet"),
    path("places/<slug:code>/end/", places.end_place, name="place_end"),
]
