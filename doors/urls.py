"""Routes of the open interfaces."""

from django.urls import URLPattern, URLResolver, path

from doors.api import cases

urlpatterns: list[URLPattern | URLResolver] = [
    path(
        "api/v1/submissions/", cases.SubmissionsView.as_view(), name="api_submissions"
    ),
    path("api/v1/steps/", cases.StepsView.as_view(), name="api_steps"),
    path("api/v1/photos/", cases.PhotosView.as_view(), name="api_photos"),
    path("api/v1/cases/", cases.CasesView.as_view(), name="api_cases"),
    path("api/v1/cases/<int:case_id>/", cases.CaseView.as_view(), name="api_case"),
    path("api/v1/schema/", cases.SchemaView.as_view(), name="api_schema"),
]
