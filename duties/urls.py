"""Routes of duties: phone, desk, and what both share."""

from django.urls import URLPattern, URLResolver, path

from duties.views import (
    admissions,
    care,
    desk,
    incidents,
    mediation,
    phone,
    steps,
    visits,
)

urlpatterns: list[URLPattern | URLResolver] = []

urlpatterns += [  # the phone of people in the grid
    path("m/duties/", phone.duties, name="phone_duties"),
    path("m/duties/<int:receiver_id>/", phone.duty, name="phone_duty"),
    path("m/duties/<int:receiver_id>/record/", visits.record, name="visit_new"),
    path(
        "m/duties/<int:receiver_id>/<slug:action>/",
        steps.receiver_step,
        name="phone_duty_step",
    ),
    path("m/patrols/start/", phone.start_patrol, name="start_patrol"),
    path("m/patrols/<int:patrol_id>/end/", phone.end_patrol, name="end_patrol"),
]

urlpatterns += [  # desk and inbox
    path("desk/duties/", desk.tasks, name="duty_tasks"),
    path("desk/duties/new/", desk.compose, name="duty_compose"),
    path("desk/duties/<int:task_id>/", desk.task, name="duty_task"),
    path(
        "desk/duties/<int:task_id>/<slug:action>/",
        steps.task_step,
        name="duty_task_step",
    ),
    path(
        "desk/duties/receivers/<int:receiver_id>/",
        desk.receiver,
        name="duty_receiver",
    ),
    path(
        "desk/duties/receivers/<int:receiver_id>/<slug:action>/",
        steps.receiver_step,
        name="duty_receiver_step",
    ),
]

urlpatterns += [  # for all who work here, each in the own scope
    path("duties/admissions/", admissions.admissions, name="admissions"),
    path("duties/admissions/apply/", admissions.apply, name="admission_apply"),
    path(
        "duties/admissions/<int:admission_id>/", admissions.admission, name="admission"
    ),
    path(
        "duties/admissions/<int:admission_id>/<slug:action>/",
        steps.admission_step,
        name="admission_step",
    ),
    path("duties/care/", care.care_targets, name="care_targets"),
    path("duties/care/new/", care.register, name="care_register"),
    path("duties/care/<int:target_id>/", care.care_target, name="care_target"),
    path("duties/care/<int:target_id>/contact/", care.contact, name="care_contact"),
    path(
        "duties/care/<int:target_id>/<slug:action>/", steps.care_step, name="care_step"
    ),
    path("duties/records/<int:record_id>/", visits.visit_record, name="visit_record"),
    path(
        "duties/records/<int:record_id>/report/",
        visits.finding,
        name="visit_finding",
    ),
    path("duties/photos/<uuid:photo_id>/", visits.visit_photo, name="visit_photo"),
    path(
        "duties/photos/<uuid:photo_id>/thumb/",
        visits.visit_photo_thumb,
        name="visit_photo_thumb",
    ),
    path("duties/patrols/", phone.patrols, name="patrols"),
    path("duties/patrols/<int:patrol_id>/", phone.patrol, name="patrol"),
]

urlpatterns += [  # disputes, for those let into the case
    path("desk/mediation/", mediation.mediations, name="mediations"),
    path("mediation/<int:case_id>/", mediation.mediation, name="mediation"),
    path("mediation/<int:case_id>/panel/", mediation.panel, name="mediation_panel"),
    path(
        "mediation/<int:case_id>/parties/",
        mediation.parties,
        name="mediation_parties",
    ),
    path(
        "mediation/<int:case_id>/<slug:action>/", mediation.step, name="mediation_step"
    ),
    path(
        "mediation/photos/<uuid:photo_id>/",
        mediation.agreement_photo,
        name="agreement_photo",
    ),
    path(
        "mediation/photos/<uuid:photo_id>/thumb/",
        mediation.agreement_thumb,
        name="agreement_thumb",
    ),
]

urlpatterns += [  # emergencies
    path("desk/incidents/", incidents.incidents, name="incidents"),
    path("desk/incidents/start/", incidents.start, name="incident_start"),
    path("desk/incidents/<int:incident_id>/", incidents.incident, name="incident"),
    path(
        "desk/incidents/<int:incident_id>/screen/",
        incidents.screen,
        name="incident_screen",
    ),
    path("desk/incidents/<int:incident_id>/log/", incidents.log, name="incident_log"),
    path(
        "desk/incidents/<int:incident_id>/note/", incidents.note, name="incident_note"
    ),
    path(
        "desk/incidents/<int:incident_id>/close/",
        incidents.close,
        name="incident_close",
    ),
    path(
        "desk/incidents/parts/<int:receiver_id>/pass/",
        incidents.pass_on,
        name="incident_pass_on",
    ),
    path("m/incidents/<int:receiver_id>/", incidents.report, name="incident_report"),
    path(
        "m/incidents/<int:receiver_id>/case/",
        incidents.incident_case,
        name="incident_case",
    ),
]
