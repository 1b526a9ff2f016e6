"""Routes of the interface for what is done besides cases; below `/api/v1/`."""

from django.urls import URLPattern, path

from doors.api import (
    admissions,
    care,
    duties,
    exports,
    imports,
    incidents,
    mediations,
    patrols,
    places,
    postings,
    responsibilities,
    tables,
    tasks,
    visits,
    webhooks,
)

urlpatterns: list[URLPattern] = [  # tasks sent down, visits, patrols
    path("tasks/", tasks.TasksView.as_view(), name="api_tasks"),
    path("tasks/draft/", tasks.DraftTaskView.as_view(), name="api_task_draft"),
    path("tasks/<int:task_id>/", tasks.TaskView.as_view(), name="api_task"),
    path(
        "tasks/<int:task_id>/actions/<slug:action>/",
        tasks.TaskActionView.as_view(),
        name="api_task_action",
    ),
    path("duties/", duties.DutiesView.as_view(), name="api_duties"),
    path("duties/<int:receiver_id>/", duties.DutyView.as_view(), name="api_duty"),
    path(
        "duties/<int:receiver_id>/actions/<slug:action>/",
        duties.DutyActionView.as_view(),
        name="api_duty_action",
    ),
    path(
        "duties/<int:receiver_id>/record/",
        visits.RecordView.as_view(),
        name="api_visit_record",
    ),
    path("visits/", visits.VisitsView.as_view(), name="api_visits"),
    path("visits/<int:record_id>/", visits.VisitView.as_view(), name="api_visit"),
    path(
        "visits/<int:record_id>/report/",
        visits.FindingView.as_view(),
        name="api_visit_report",
    ),
    path(
        "visits/photos/<uuid:photo_id>/",
        visits.VisitPhotoView.as_view(),
        name="api_visit_photo",
    ),
    path(
        "visits/photos/<uuid:photo_id>/thumb/",
        visits.VisitThumbView.as_view(),
        name="api_visit_photo_thumb",
    ),
    path("patrols/", patrols.PatrolsView.as_view(), name="api_patrols"),
    path("patrols/<int:patrol_id>/", patrols.PatrolView.as_view(), name="api_patrol"),
    path(
        "patrols/<int:patrol_id>/end/",
        patrols.EndPatrolView.as_view(),
        name="api_patrol_end",
    ),
]

urlpatterns += [  # admissions, care
    path("admissions/", admissions.AdmissionsView.as_view(), name="api_admissions"),
    path("admissions/apply/", admissions.ApplyView.as_view(), name="api_apply"),
    path(
        "admissions/<int:admission_id>/",
        admissions.AdmissionView.as_view(),
        name="api_admission",
    ),
    path(
        "admissions/<int:admission_id>/actions/<slug:action>/",
        admissions.AdmissionActionView.as_view(),
        name="api_admission_action",
    ),
    path("care/", care.CareTargetsView.as_view(), name="api_care_targets"),
    path("care/register/", care.RegisterView.as_view(), name="api_care_register"),
    path("care/<int:target_id>/", care.CareTargetView.as_view(), name="api_care"),
    path(
        "care/<int:target_id>/reveal/",
        care.RevealView.as_view(),
        name="api_care_reveal",
    ),
    path(
        "care/<int:target_id>/actions/<slug:action>/",
        care.CareActionView.as_view(),
        name="api_care_action",
    ),
]

urlpatterns += [  # emergencies, disputes
    path("incidents/", incidents.IncidentsView.as_view(), name="api_incidents"),
    path(
        "incidents/start/",
        incidents.StartIncidentView.as_view(),
        name="api_incident_start",
    ),
    path(
        "incidents/<int:incident_id>/",
        incidents.IncidentView.as_view(),
        name="api_incident",
    ),
    path(
        "incidents/<int:incident_id>/close/",
        incidents.CloseIncidentView.as_view(),
        name="api_incident_close",
    ),
    path(
        "incidents/<int:incident_id>/log/",
        incidents.IncidentLogView.as_view(),
        name="api_incident_log",
    ),
    path(
        "incidents/parts/<int:receiver_id>/pass/",
        incidents.PassOnView.as_view(),
        name="api_incident_pass",
    ),
    path(
        "incidents/parts/<int:receiver_id>/reports/",
        incidents.SituationsView.as_view(),
        name="api_situations",
    ),
    path(
        "incidents/parts/<int:receiver_id>/case/",
        incidents.DangerView.as_view(),
        name="api_incident_case",
    ),
    path("mediations/", mediations.MediationsView.as_view(), name="api_mediations"),
    path(
        "mediations/figures/",
        mediations.MediationFiguresView.as_view(),
        name="api_mediation_figures",
    ),
    path(
        "mediations/<int:case_id>/",
        mediations.MediationView.as_view(),
        name="api_mediation",
    ),
    path(
        "mediations/<int:case_id>/actions/<slug:action>/",
        mediations.MediationActionView.as_view(),
        name="api_mediation_action",
    ),
    path(
        "mediations/<int:case_id>/parties/",
        mediations.MediationPartiesView.as_view(),
        name="api_mediation_parties",
    ),
    path(
        "mediations/photos/<uuid:photo_id>/",
        mediations.AgreementPhotoView.as_view(),
        name="api_agreement_photo",
    ),
    path(
        "mediations/photos/<uuid:photo_id>/thumb/",
        mediations.AgreementThumbView.as_view(),
        name="api_agreement_photo_thumb",
    ),
]

urlpatterns += [  # tables and boundaries in and out
    path("tables/", tables.TablesView.as_view(), name="api_tables"),
    path(
        "tables/<slug:code>/template.xlsx",
        tables.TemplateView.as_view(),
        name="api_table_template",
    ),
    path("imports/", tables.ImportsView.as_view(), name="api_imports"),
    path("imports/<uuid:token>/", tables.ImportView.as_view(), name="api_import"),
    path(
        "imports/<uuid:token>/lines/",
        tables.ImportLinesView.as_view(),
        name="api_import_lines",
    ),
    path(
        "imports/<uuid:token>/errors/",
        tables.ImportErrorsView.as_view(),
        name="api_import_errors",
    ),
    path(
        "imports/<uuid:token>/confirm/",
        tables.ConfirmImportView.as_view(),
        name="api_import_confirm",
    ),
    path(
        "imports/<uuid:token>/drop/",
        tables.DropImportView.as_view(),
        name="api_import_drop",
    ),
    path("exports/", exports.ExportsView.as_view(), name="api_exports"),
    path("exports/listings/", exports.ListingsView.as_view(), name="api_listings"),
    path("exports/<uuid:token>/", exports.ExportView.as_view(), name="api_export"),
    path(
        "exports/<uuid:token>/file/",
        exports.ExportFileView.as_view(),
        name="api_export_file",
    ),
    path("areas/imports/", imports.AreaImportsView.as_view(), name="api_area_imports"),
    path(
        "areas/imports/<uuid:token>/",
        imports.AreaImportView.as_view(),
        name="api_area_import",
    ),
]

urlpatterns += [  # the responsibility list
    path(
        "responsibilities/",
        responsibilities.ResponsibilitiesView.as_view(),
        name="api_responsibilities",
    ),
]

urlpatterns += [  # QR codes, standing in, being reached, webhooks
    path("places/", places.PlacesView.as_view(), name="api_places"),
    path("places/grids/", places.NameGridsView.as_view(), name="api_place_grids"),
    path("places/<slug:code>/", places.PlaceView.as_view(), name="api_place"),
    path("places/<slug:code>/qr/", places.PlaceCodeView.as_view(), name="api_place_qr"),
    path("delegations/", postings.DelegationsView.as_view(), name="api_delegations"),
    path(
        "delegations/form/",
        postings.DelegationFormView.as_view(),
        name="api_delegation_form",
    ),
    path(
        "delegations/<int:posting_id>/end/",
        postings.EndDelegationView.as_view(),
        name="api_delegation_end",
    ),
    path("messages/settings/", postings.ReachView.as_view(), name="api_reach"),
    path("webhooks/", webhooks.WebhooksView.as_view(), name="api_webhooks"),
    path(
        "webhooks/<int:webhook_id>/",
        webhooks.WebhookView.as_view(),
        name="api_webhook",
    ),
    path(
        "webhooks/<int:webhook_id>/resume/",
        webhooks.ResumeWebhookView.as_view(),
        name="api_webhook_resume",
    ),
    path(
        "webhooks/<int:webhook_id>/test/",
        webhooks.WebhookTestView.as_view(),
        name="api_webhook_test",
    ),
    path(
        "webhooks/<int:webhook_id>/deliveries/",
        webhooks.DeliveriesView.as_view(),
        name="api_deliveries",
    ),
    path(
        "webhooks/<int:webhook_id>/deliveries/<int:delivery_id>/retry/",
        webhooks.RetryDeliveryView.as_view(),
        name="api_delivery_retry",
    ),
    path(
        "webhooks/<int:webhook_id>/deliveries/<int:delivery_id>/drop/",
        webhooks.DropDeliveryView.as_view(),
        name="api_delivery_drop",
    ),
]
