"""All routes: the kernel's own, then one include for each floor."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from governance import views

urlpatterns = [
    path("admin/", admin.site.urls),
    path("healthz", views.healthz, name="healthz"),
    path("i18n/setlang/", login_not_required(set_language), name="set_language"),
    # The portal at "/" leads signed-in people to the first page of their post.
    path("", include("civics.urls")),
    path("", include("parties.urls")),
    path("", include("grids.urls")),
    path("", include("doors.urls")),
    path("", include("exchange.urls")),
    path("", include("oversight.urls")),
    path("", include("duties.urls")),
    path("", include("cases.urls")),
]

handler400 = "doors.open311.http.bad_request"
