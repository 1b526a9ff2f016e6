"""Lists on their way out: what the page shows, for who asked, with a mark on them."""

import csv
from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from cases.models import Case
from exchange.actions import exporting
from exchange.actions.sweeping import sweep
from exchange.kinds import people
from exchange.models import Export
from governance.models import Event, Job
from parties.models import Posting
from tests.cases.conftest import file_case, photos, snapshot, world
from tests.cases.road import signed_in
from tests.exchange.conftest import filled, turn
from tests.factories import OrganisationFactory, PostingFactory

pytestmark = pytest.mark.django_db
__all__ = ["file_case", "photos", "snapshot", "world"]
WISH = {"format": "xlsx", "purpose": "会议材料"}


def ask(client, code, query="", **wish):
    return client.post(f"{reverse('export', args=[code])}{query}", WISH | wish)


def content_of(client, export):
    answer = client.get(reverse("export_file", args=[export.token]))
    assert answer.status_code == 200
    return b"".join(answer)


def sheet_of(client, code, query="", **wish):
    answer = ask(client, code, query, **wish)
    assert answer.status_code == 302, answer.context["form"].errors
    export = Export.objects.latest("pk")
    book = load_workbook(BytesIO(content_of(client, export)))
    return [list(row) for row in book.active.iter_rows(values_only=True)], book


def verbs():
    found = Event.objects.filter(action__startswith="exchange.")
    return list(found.order_by("pk").values_list("action", flat=True))


def test_a_short_list_is_there_at_once_with_who_when_and_what_for(world, file_case):
    case = file_case()
    client = signed_in(world, "acceptor")
    rows, book = sheet_of(client, "desk", "?queue=open")
    assert rows[0][0].startswith("导出：")
    assert "会议材料" in rows[0][0]
    assert "不得外传" in rows[0][0]
    head = rows[1]
    assert rows[2][head.index("案卷号")] == case.case_no
    number = book.active.cell(3, head.index("案卷号") + 1)
    assert (number.data_type, number.number_format) == ("s", "@")
    assert rows[3][0] == rows[0][0]
    export = Export.objects.get()
    assert str(export.token) in book.properties.description
    assert not Job.objects.filter(task="exchange.tasks.run_export").exists()
    assert verbs() == [
        "exchange.request_export", "exchange.produce", "exchange.download",
    ]  # fmt: skip
    assert export.total == 1


def test_the_export_holds_what_the_page_is_narrowed_to(world, file_case):
    file_case()
    client = signed_in(world, "acceptor")
    rows, _book = sheet_of(client, "desk", "?queue=open&q=找不到的")
    assert len(rows) == 3
    rows, _book = sheet_of(client, "desk", "?queue=open&state=CHECKING")
    assert len(rows) == 3


def test_a_case_outside_the_scope_is_in_no_export(world, file_case):
    file_case()
    rows, _book = sheet_of(signed_in(world, "grid_b"), "desk", "?queue=open")
    assert len(rows) == 3


def test_commas_begin_with_the_mark_of_utf_8_and_run_no_formula(world, file_case):
    case = file_case()
    Case.objects.filter(pk=case.pk).update(address="=HYPERLINK(1)", description="+1")
    client = signed_in(world, "acceptor")
    ask(client, "desk", "?queue=open", format="csv")
    content = content_of(client, Export.objects.get())
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(StringIO(content.decode("utf-8-sig"))))
    assert "'=HYPERLINK(1)" in rows[2]
    assert "'+1" in rows[2]


def test_what_no_workbook_may_hold_is_left_out(world, file_case):
    case = file_case()
    Case.objects.filter(pk=case.pk).update(address="和平\uffff路\x0b3\ufffe号")
    client = signed_in(world, "acceptor")
    rows, _book = sheet_of(client, "desk", "?queue=open", purpose="会议\uffff\x01材料")
    assert "和平路3号" in rows[2]
    assert "用途：会议材料" in rows[0][0]


def test_what_another_sweep_took_first_is_no_fault(state, monkeypatch):
    gone = state / "exchange" / "0-0"
    monkeypatch.setattr(Path, "glob", lambda home, pattern: iter([gone]))
    sweep()


def test_a_workbook_runs_no_formula(world, file_case):
    case = file_case()
    Case.objects.filter(pk=case.pk).update(address="@SUM(A1)", description="＝1")
    rows, _book = sheet_of(signed_in(world, "acceptor"), "desk", "?queue=open")
    assert "'@SUM(A1)" in rows[2]
    assert "'＝1" in rows[2]


def test_a_purpose_is_asked_for_where_there_is_personal_data(world, file_case):
    client = signed_in(world, "acceptor")
    answer = ask(client, "desk", purpose=" ")
    assert answer.status_code == 422
    assert "用途" in str(answer.context["form"].errors["purpose"])
    assert not Export.objects.exists()
    assert not verbs()


@pytest.mark.parametrize("code", ["organisations", "people", "forces", "areas"])
def test_master_lists_are_the_administrators(world, admin, code):
    assert (
        signed_in(world, "acceptor").get(reverse("export", args=[code])).status_code
        == 404
    )
    assert admin.get(reverse("export", args=[code])).status_code == 200


def test_a_master_list_is_counted_without_reading_it(admin, bureau, monkeypatch):
    PostingFactory(post__organisation=bureau)
    monkeypatch.setattr(people, "_row", None)
    page = admin.get(reverse("export", args=["people"]))
    assert page.context["outgoing"].n == 1


def test_people_leave_with_masked_phones_and_come_back_unchanged(admin, bring, bureau):
    row = {
        "账号": "wang-jia", "姓名": "王甲", "手机号": "13800000001",
        "单位": bureau.name, "角色": "部门联络员", "任职开始": "2026-01-01",
    }  # fmt: skip
    bring("people", filled("people", row), confirm=True)
    ask(admin, "people")
    content = content_of(admin, Export.objects.get())
    texts = str(list(load_workbook(BytesIO(content)).active.values))
    assert "138****0001" in texts
    assert "13800000001" not in texts
    kept = bring("people", content)
    assert kept.counts["same"] == sum(kept.counts.values()) == 1


@pytest.mark.parametrize("code", ["organisations", "areas", "calendar"])
def test_a_master_list_comes_back_as_it_left(admin, bring, bureau, code):
    from governance.actions import install_defaults
    from parties.acting import Actor

    OrganisationFactory(name="=怪名", phone="+86-1")
    install_defaults(actor=Actor.system(), at=timezone.now())
    ask(admin, code)
    kept = bring(code, content_of(admin, Export.objects.get()))
    assert kept.counts["same"] > 1
    assert kept.counts["same"] == sum(kept.counts.values())


def test_a_long_list_is_written_in_the_background(world, file_case, monkeypatch):
    monkeypatch.setattr(exporting, "AT_ONCE", 0)
    file_case()
    client = signed_in(world, "acceptor")
    answer = ask(client, "desk", "?queue=open")
    page = client.get(answer.url)
    assert "hx-trigger" in page.content.decode()
    export = Export.objects.get()
    file = reverse("export_file", args=[export.token])
    assert client.get(file).status_code == 422
    turn()
    turn()
    export.refresh_from_db()
    assert export.state == "done"
    assert "下载" in client.get(answer.url).content.decode()
    assert client.get(file).status_code == 200
    assert verbs().count("exchange.produce") == 1


def test_rights_are_asked_for_again_when_it_is_written(world, file_case, monkeypatch):
    monkeypatch.setattr(exporting, "AT_ONCE", 0)
    file_case()
    client = signed_in(world, "acceptor")
    answer = ask(client, "desk", "?queue=open")
    Posting.objects.filter(pk=world.postings["acceptor"].pk).update(
        ends_at=timezone.now()
    )
    PostingFactory(user=world.postings["acceptor"].user)
    turn()
    export = Export.objects.get()
    assert export.state == "refused"
    assert "岗位" in export.refusal
    assert not export.place.folder.exists()
    assert client.get(answer.url).status_code == 404


def test_rights_are_asked_for_again_at_the_download(world, admin, administrator):
    ask(admin, "organisations")
    export = Export.objects.get()
    administrator.post.role = "inspector"
    administrator.post.save()
    answer = admin.get(reverse("export_file", args=[export.token]))
    assert answer.status_code == 422
    assert "权限" in answer.content.decode()
    assert "exchange.download" not in verbs()


def test_a_link_is_for_who_asked_and_ends(world, file_case, client, monkeypatch):
    mine = signed_in(world, "acceptor")
    ask(mine, "desk")
    export = Export.objects.get()
    file = reverse("export_file", args=[export.token])
    assert client.get(file).status_code == 302
    for other in ("dispatcher", "community_leader"):
        assert signed_in(world, other).get(file).status_code == 404
    Export.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    answer = mine.get(file)
    assert answer.status_code == 422
    assert "过期" in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "code", "query"),
    [
        ("fire", "inbox", "?box=all"),
        ("dispatcher", "report", "?code=closing_in_time&month=2026-11&part=all"),
        ("dispatcher", "board", "?code=open"),
        ("dispatcher", "board", "?code=grids"),
        ("dispatcher", "board", "?code=forces"),
        ("dispatcher", "board", "?code=contacts"),
        ("dispatcher", "board", "?code=called"),
        ("dispatcher", "catalogue", "?kind=component"),
    ],
)
def test_every_list_goes_out(world, file_case, name, code, query):
    file_case()
    client = signed_in(world, name)
    page = client.get(f"{reverse('export', args=[code])}{query}")
    assert page.status_code == 200
    rows, _book = sheet_of(client, code, query)
    assert rows


@pytest.mark.parametrize("query", ["", "?code=nothing", "?code=open&area=1"])
def test_a_list_that_is_none_is_not_found(world, query):
    client = signed_in(world, "dispatcher")
    assert client.get(f"{reverse('export', args=['board'])}{query}").status_code == 404
    assert client.get(reverse("export", args=["nothing"])).status_code == 404


def test_the_lists_lead_to_their_export(world, file_case):
    file_case()
    text = signed_in(world, "acceptor").get("/desk/?queue=open").content.decode()
    assert f"{reverse('export', args=['desk'])}?queue=open" in text
    mine = signed_in(world, "acceptor")
    ask(mine, "desk")
    assert "exports" in mine.get(reverse("exports")).content.decode()
