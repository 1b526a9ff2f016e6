"""An administrator, a small city, and tables filled in as people do."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.module_loading import import_string
from openpyxl import Workbook, load_workbook

from exchange.blanks import template
from exchange.kinds import BY_CODE
from exchange.models import Import
from governance.models import Event, Job
from parties.models import Organisation, Posting
from parties.roles import Role
from tests.factories import OrganisationFactory, PostingFactory, area_of

GRID = "990101001001001"
STANDARD = {"standard_ref": "某市2024版"}


@pytest.fixture(autouse=True)
def state(tmp_path: Path, settings: Any) -> Path:
    settings.STATE_DIR = tmp_path
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return tmp_path


@pytest.fixture(autouse=True)
def committed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits for the commit comes at once: the transaction of a test never ends."""
    marker = request.node.get_closest_marker("django_db")
    if not (marker and marker.kwargs.get("transaction")):
        monkeypatch.setattr("django.db.transaction.on_commit", lambda act: act())


@pytest.fixture
def administrator(db: Any) -> Posting:
    return PostingFactory(post__role=Role.SYSTEM_ADMIN, user__name="管理员")


@pytest.fixture
def admin(administrator: Posting) -> Client:
    client = Client()
    client.force_login(administrator.user)
    return client


@pytest.fixture
def bureau(db: Any) -> Organisation:
    area_of(GRID)
    return OrganisationFactory(name="城东区城市管理局", kind="department", level=2)


def filled(code: str, *rows: dict[str, Any]) -> bytes:
    """The template with these rows below its sample."""
    book = load_workbook(BytesIO(template(BY_CODE[code])))
    sheet = book.worksheets[0]
    names = [str(cell.value).rstrip("*") for cell in sheet[1]]
    for row in rows:
        assert set(row) <= set(names)
        sheet.append([row.get(name) for name in names])
    return saved(book)


def saved(book: Workbook) -> bytes:
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def send(
    client: Client, code: str, content: bytes, name: str = "表.xlsx", **more: str
) -> Any:
    """Upload; the answer of the page."""
    given = dict(STANDARD) if code == "catalogue" else {}
    file = SimpleUploadedFile(name, content)
    return client.post(
        reverse("import_upload", args=[code]), {"file": file, **given, **more}
    )


def turn() -> None:
    """Let the worker, who speaks Chinese, do what waits."""
    with translation.override("zh-hans"):
        for job in Job.objects.filter(done_at=None, task__startswith="exchange."):
            assert import_string(job.task)(job_id=job.pk)


@pytest.fixture
def bring(admin: Client) -> Callable[..., Import]:
    """Upload and have it checked; with `confirm` also written."""

    def run(
        code: str,
        content: bytes,
        name: str = "表.xlsx",
        confirm: bool = False,
        **more: str,
    ) -> Import:
        answer = send(admin, code, content, name, **more)
        assert answer.status_code == 302, answer.context["form"].errors
        turn()
        kept = Import.objects.latest("pk")
        if confirm:
            assert kept.state == "checked", kept.refusal
            assert not kept.wrong, [one.reasons for one in lines_of(kept, "wrong")]
            admin.post(reverse("import_review", args=[kept.token]))
            turn()
            kept.refresh_from_db()
        return kept

    return run


def lines_of(kept: Import, status: str) -> list[Any]:
    from exchange.lines import Lines

    return Lines(kept.place.folder).of(status)


def reasons_of(kept: Import) -> list[str]:
    return ["；".join(one.reasons) for one in lines_of(kept, "wrong")]


def actions_of(*verbs: str) -> list[str]:
    """The Events with these verbs, in their order."""
    found = Event.objects.filter(action__in=verbs).order_by("pk")
    return list(found.values_list("action", flat=True))
