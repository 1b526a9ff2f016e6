"""Tables, lists and boundaries by programs: started, watched, fetched."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from doors.models import Scope
from exchange.actions import exporting
from exchange.models import Export, Import
from governance import clock
from governance.models import Event
from grids.models import Area
from parties.models import Organisation
from tests.cases.conftest import MONDAY_9
from tests.exchange.conftest import filled, state, turn

__all__ = ["state"]
GOOD = {"单位名称": "城北水务所", "类型": "职能部门", "层级": "街道"}


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: MONDAY_9)


@pytest.fixture
def admin(world):
    world.hire("admin", "system_admin", "street", "990101001")
    return "admin"


@pytest.fixture
def upload(client, key_of, admin):
    """Sends a file to the endpoint as the administrator's client."""
    _key, text = key_of(admin, name="数据平台", scopes=[*Scope.values])

    def send(name, content, filename, **more):
        file = SimpleUploadedFile(filename, content)
        return client.post(
            reverse(name), {"file": file, **more}, headers={"X-Api-Key": text}
        )

    return send


def content_of(answer):
    assert answer.status_code == 200, getattr(answer, "content", b"")
    return b"".join(answer)


def test_a_table_is_uploaded_looked_at_and_confirmed(ask, upload, admin):
    tables = {one["code"]: one for one in ask(admin, "api_tables").json()}
    assert {"organisations", "people", "responsibilities"} <= tables.keys()
    blank = content_of(ask(admin, "api_table_template", "organisations"))
    head = [cell.value for cell in load_workbook(BytesIO(blank)).worksheets[0][1]]
    assert "单位名称*" in head
    sent = upload(
        "api_imports",
        filled("organisations", GOOD),
        "units.xlsx",
        table="organisations",
    )
    assert sent.status_code == 201, sent.text
    token = sent.json()["token"]
    assert sent.json()["state"] == "checking"
    early = ask(admin, "api_import_confirm", token, body={})
    assert (early.status_code, early.json()["code"]) == (409, "state")
    turn()
    seen = ask(admin, "api_import", token).json()
    assert (seen["state"], seen["counts"]["wrong"]) == ("checked", 0), seen
    lines = ask(admin, "api_import_lines", token, query={"show": "new"}).json()
    assert len(lines) == seen["counts"]["new"] == 1
    assert ask(admin, "api_import_errors", token).status_code == 404
    before = Organisation.objects.count()
    assert ask(admin, "api_import_confirm", token, body={}).status_code == 200
    turn()
    assert ask(admin, "api_import", token).json()["state"] == "done"
    assert Organisation.objects.count() == before + 1
    listed = ask(admin, "api_imports").json()["results"]
    assert [one["token"] for one in listed] == [token]
    assert ask(admin, "api_import_lines", token).status_code == 404


def test_a_wrong_table_gives_the_error_file_and_is_dropped(ask, upload, admin):
    bad = {**GOOD, "类型": "衙门"}
    sent = upload(
        "api_imports", filled("organisations", bad), "units.xlsx", table="organisations"
    )
    token = sent.json()["token"]
    turn()
    lines = ask(admin, "api_import_lines", token).json()
    assert lines and lines[0]["reasons"]
    marked = load_workbook(BytesIO(content_of(ask(admin, "api_import_errors", token))))
    assert "错误原因" in [cell.value for cell in marked.worksheets[0][1]]
    refused = ask(admin, "api_import_confirm", token, body={})
    assert (refused.status_code, refused.json()["code"]) == (422, "wrong")
    assert ask(admin, "api_import_drop", token, body={}).json()["state"] == "refused"
    assert Import.objects.get().state == Import.State.REFUSED


@pytest.mark.parametrize(
    ("filename", "more", "field"),
    [
        ("units.pdf", {"table": "organisations"}, "file"),
        ("units.xlsx", {"table": "nothing"}, "table"),
        ("units.xlsx", {"table": "catalogue"}, "standard_ref"),
    ],
)
def test_what_is_no_table_is_refused(upload, filename, more, field):
    sent = upload("api_imports", b"nothing", filename, **more)
    assert (sent.status_code, sent.json()["field"]) == (422, field)
    assert not Import.objects.exists()


def test_tables_are_not_there_for_other_posts(ask, world):
    for name in ("api_tables", "api_imports"):
        assert ask("acceptor", name).status_code == 404


def test_a_short_list_is_fetched_at_once(ask, file_case):
    case = file_case()
    assert "desk" in [one["code"] for one in ask("acceptor", "api_listings").json()]
    body = {"listing": "desk", "query": "queue=open", "format": "csv"}
    silent = ask("acceptor", "api_exports", body=body)
    assert (silent.status_code, silent.json()["field"]) == (422, "purpose")
    assert not Export.objects.exists()
    made = ask("acceptor", "api_exports", body={**body, "purpose": "统计分析"})
    assert made.status_code == 201, made.text
    assert (made.json()["state"], made.json()["total"]) == ("done", 1)
    file = ask("acceptor", "api_export_file", made.json()["token"])
    assert file["Content-Type"] == "text/csv"
    text = content_of(file).decode("utf-8-sig")
    assert case.case_no in text and "统计分析" in text
    assert ask("grid_b", "api_export", made.json()["token"]).status_code == 404
    assert Event.objects.filter(action="exchange.download").count() == 1


def test_a_long_list_is_written_in_the_background(ask, file_case, monkeypatch):
    monkeypatch.setattr(exporting, "AT_ONCE", 0)
    file_case()
    body = {"listing": "desk", "query": "queue=open", "purpose": "统计分析"}
    made = ask("acceptor", "api_exports", body=body).json()
    assert made["state"] == "waiting"
    early = ask("acceptor", "api_export_file", made["token"])
    assert (early.status_code, early.json()["code"]) == (422, "expired")
    turn()
    assert ask("acceptor", "api_export", made["token"]).json()["state"] == "done"
    book = load_workbook(
        BytesIO(content_of(ask("acceptor", "api_export_file", made["token"])))
    )
    assert "不得外传" in book.active["A1"].value
    listed = ask("acceptor", "api_exports").json()["results"]
    assert [one["token"] for one in listed] == [made["token"]]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"listing": "nothing"}, 422, "listing"),
        ({"listing": "desk", "query": "q=%00"}, 400, "query"),
        ({"listing": "desk", "format": "pdf"}, 400, "format"),
        ({"listing": "organisations", "purpose": "数据核对"}, 404, None),
    ],
)
def test_a_list_that_there_is_not(ask, world, body, status, field):
    answer = ask("acceptor", "api_exports", body=body)
    assert (answer.status_code, answer.json()["field"]) == (status, field)
    assert not Export.objects.exists()


def test_boundaries_are_previewed_accepted_and_imported(ask, upload, admin):
    codes = (
        b"code,name\n990101001001003,\xe4\xb8\x89\xe5\x8f\xb7\xe7\xbd\x91\xe6\xa0\xbc"
    )
    options = {"level": "5", "crs": "cgcs2000", "parent_by": "code"}
    sent = upload("api_area_imports", codes, "grids.csv", **options)
    assert sent.status_code == 201, sent.text
    seen = sent.json()
    assert seen["new"] == ["990101001001003"] and not seen["is_done"]
    address = ("api_area_import", seen["token"])
    assert ask(admin, *address).json()["new"] == seen["new"]
    kinds = {one["kind"] for one in seen["findings"]}
    if kinds:
        refused = ask(admin, *address, body={})
        assert (refused.status_code, refused.json()["code"]) == (422, "warnings")
    done = ask(admin, *address, body={"accept": sorted(kinds)})
    assert done.status_code == 200, done.text
    assert Area.objects.filter(code="990101001001003", valid_to=None).exists()
    assert ask(admin, *address).status_code == 404
    assert ask("acceptor", *address).status_code == 404


def test_a_file_that_is_no_map_is_refused(upload):
    options = {"level": "5", "crs": "cgcs2000", "parent_by": "code"}
    sent = upload("api_area_imports", b"x", "grids.docx", **options)
    assert (sent.status_code, sent.json()["field"]) == (422, "file")
