"""Routes of cases: phone, desk, inbox."""

from django.urls import URLPattern, URLResolver, path

from cases.views import (
    bulk,
    case,
    catalogue,
    desk,
    filing,
    inbox,
    meetings,
    notes,
    offered,
    offline,
    phone,
    phone_export,
    photos,
    phrases,
    report,
    requests,
    rulings,
    saved_views,
    scores,
    steps,
    style,
    supervision,
    whistle,
    workflow,
)
from cases.workflow import Action

urlpatterns: list[URLPattern | URLResolver] = []

urlpatterns += [  # the phone of people in the grid
    path("m/", phone.home, name="phone_home"),
    path("m/file/", filing.file_case, name="phone_file"),
    path(
        "m/spot/",
        filing.file_case,
        {"kind": Action.RESOLVE_ON_SPOT.value},
        name="phone_spot",
    ),
    path("m/duplicates/", filing.duplicates, name="duplicates"),
    path(
        "m/duplicates/<int:case_id>/photo/",
        filing.duplicate_photo,
        name="duplicate_photo",
    ),
    path("m/cases/", phone.case_list, name="phone_cases"),
    path("m/cases/<int:case_id>/", phone.case_page, name="phone_case"),
    path("m/cases/<int:case_id>/filed/", filing.filed, name="phone_filed"),
    path("m/cases/<int:case_id>/support/", filing.support_case, name="support_case"),
    path("m/cases/<int:case_id>/<slug:action>/", steps.step, name="phone_step"),
    path("m/tasks/<int:task_id>/", steps.site_task, name="phone_site_task"),
    path("m/photos/", photos.upload_photo, name="upload_photo"),
    path("m/photos/<uuid:photo_id>/remove/", photos.remove_photo, name="remove_photo"),
    path("photos/<uuid:photo_id>/", photos.photo, name="photo"),
    path("photos/<uuid:photo_id>/thumb/", photos.photo_thumb, name="photo_thumb"),
]

urlpatterns += [  # the phone without a signal
    path("sw.js", offline.service_worker, name="service_worker"),
    path("app.webmanifest", offline.manifest, name="manifest"),
    path("m/no-signal/", offline.no_signal, name="phone_no_signal"),
    path("m/pass/", offline.phone_pass, name="phone_pass"),
    path("m/catalogue.json", offline.catalogue_copy, name="phone_catalogue"),
    path("m/outbox/", offline.outbox, name="phone_outbox"),
]

urlpatterns += [  # the catalogue and the responsibility list, for everybody inside
    path("catalogue/", catalogue.catalogue, name="catalogue"),
    path(
        "catalogue/<int:category_id>/",
        catalogue.catalogue_category,
        name="catalogue_category",
    ),
    path("catalogue/import/", catalogue.catalogue_import, name="catalogue_import"),
    path(
        "catalogue/import/confirm/",
        catalogue.catalogue_import_confirm,
        name="catalogue_import_confirm",
    ),
]

urlpatterns += [  # desk, inbox and the case itself
    path("desk/", desk.queue, name="desk_queue"),
    path("desk/meetings/", meetings.meetings, name="meetings"),
    path("desk/meetings/new/", meetings.convene, name="convene_meeting"),
    path("desk/meetings/<int:meeting_id>/", meetings.meeting, name="meeting"),
    path(
        "desk/meetings/<int:meeting_id>/agenda/",
        meetings.put_on_agenda,
        name="meeting_add",
    ),
    path(
        "desk/meetings/<int:meeting_id>/agenda/take-off/",
        meetings.take_off_agenda,
        name="meeting_take_off",
    ),
    path(
        "desk/meetings/<int:meeting_id>/rulings/",
        meetings.record_rulings,
        name="meeting_rulings",
    ),
    path("desk/phone-export/", phone_export.phone_export, name="phone_export"),
    path(
        "desk/phone-export/bring-in/",
        phone_export.bring_in,
        name="phone_export_bring_in",
    ),
    path("desk/gaps/", meetings.gaps, name="gaps"),
    path("desk/suspended/", requests.suspended, name="suspended"),
    path("desk/report/", report.report, name="report"),
    path("desk/report/<slug:code>/", report.listed, name="report_list"),
    path("desk/points/", desk.points, name="desk_points"),
    path("workflow/", workflow.workflow, name="workflow"),
    path("style/", style.style, name="style"),
    path("desk/supervision/", supervision.board, name="supervision_board"),
    path("desk/scores/", scores.scores, name="desk_scores"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/views/", saved_views.manage, name="saved_views"),
    path("inbox/views/new/", saved_views.keep, name="keep_view"),
    path(
        "inbox/views/<int:view_id>/<slug:what>/",
        saved_views.change,
        name="change_view",
    ),
    path("phrases/", phrases.phrases, name="phrases"),
    path("phrases/<int:phrase_id>/", phrases.phrase, name="phrase"),
    path("phrases/<int:phrase_id>/<slug:what>/", phrases.change, name="change_phrase"),
    path("cases/bulk/<slug:action>/", bulk.bulk, name="cases_bulk"),
    path("cases/<int:case_id>/", case.case, name="case"),
    path("cases/<int:case_id>/file/", case.case_file, name="case_file"),
    path("cases/<int:case_id>/seen/", case.seen, name="case_seen"),
    path("cases/<int:case_id>/presence/", case.presence, name="case_presence"),
    path("cases/<int:case_id>/notes/", notes.notes, name="case_notes"),
    path("cases/<int:case_id>/readers/", notes.people, name="case_readers"),
    path("cases/<int:case_id>/contact/", case.contact, name="case_contact"),
    path("cases/<int:case_id>/whistle/", whistle.compose, name="whistle_compose"),
    path(
        "cases/<int:case_id>/whistle/preview/",
        whistle.preview,
        name="whistle_preview",
    ),
    path(
        "cases/<int:case_id>/ruling/reassign/",
        rulings.compose,
        {"action": Action.REASSIGN.value},
        name="reassign_compose",
    ),
    path(
        "cases/<int:case_id>/ruling/dispatch/",
        rulings.compose,
        {"action": Action.DISPATCH_BY_RULING.value},
        name="dispatch_compose",
    ),
    path("cases/<int:case_id>/<slug:action>/", offered.step, name="case_action"),
    path("cases/<int:case_id>/<slug:action>/draft/", offered.draft, name="case_draft"),
]
