"""The audit administrator reads, checks and exports the journal, and changes nothing
(三员分立, DOMAIN E.6)."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from governance import clock, events, journal
from governance.errors import Refused
from governance.models import Event, Job
from oversight import actions, tasks, verbs
from parties import actions as parties
from parties.acting import Actor
from parties.models import Notification, Posting
from parties.roles import Role
from tests.factories import PostingFactory, UserFactory

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("governance.clock.now", lambda: AT)


@pytest.fixture
def auditor(db: None) -> Posting:
    return PostingFactory(
        user__username="shenji", user__name="审计管理员", post__role=Role.AUDIT_ADMIN
    )


@pytest.fixture
def desk(auditor: Posting) -> Client:
    client = Client()
    client.force_login(auditor.user)
    return client


@pytest.fixture
def officer(db: None) -> Posting:
    return PostingFactory(
        user__username="anquan", user__name="安全管理员", post__role=Role.SECURITY_ADMIN
    )


@pytest.fixture
def written(officer: Posting) -> dict[str, Any]:
    """An account that was unlocked twice, and one that was closed the week before."""
    first, second = UserFactory(username="jia"), UserFactory(username="yi")
    who = Actor.of(officer, ip="10.1.2.3")
    early = AT - timedelta(days=9)
    parties.close_account(user_id=second.pk, reason="调离", actor=who, at=early)
    for _number in range(2):
        parties.unlock(user_id=first.pk, actor=who, at=AT)
    return {"first": first, "second": second}


def shown(client: Client, query: str) -> list[str]:
    page = client.get(f"{reverse('audit')}?{query}")
    assert page.status_code == 200
    return [row.event.action for row in page.context["rows"]]


def spoil(chain: str) -> None:
    """Change an entry behind the platform's back, as only the database's owner can."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE governance_event DISABLE TRIGGER event_append_only")
        cursor.execute(
            "UPDATE governance_event SET detail = '{\"failures\": 99}' "
            "WHERE chain = %s AND seq = 1",
            [chain],
        )
        cursor.execute("ALTER TABLE governance_event ENABLE TRIGGER event_append_only")


def pages() -> list[str]:
    event = Event.objects.order_by("pk").first()
    return [
        reverse("audit"),
        reverse("audit_checks"),
        reverse("audit_entry", args=[event.pk if event else 1]),
        reverse("export", args=["audit"]),
    ]


@pytest.mark.parametrize(
    "role", [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.DISTRICT_DIRECTOR]
)
def test_the_journal_is_nobody_elses(
    auditor: Posting, written: dict[str, Any], role: str
) -> None:
    client = Client()
    for path in pages():
        assert client.get(path).url.startswith(reverse("login"))
    other = PostingFactory(post__role=role)
    client.force_login(other.user)
    assert {client.get(path).status_code for path in pages()} == {404}
    assert client.post(reverse("audit_checks")).status_code == 404
    before = Event.objects.count()
    with pytest.raises(Refused, match="审计管理员"):
        actions.request_check(actor=Actor.of(other), at=AT)
    assert Event.objects.count() == before


def test_the_auditor_reads_and_keeps_no_accounts(
    desk: Client, auditor: Posting, written: dict[str, Any]
) -> None:
    assert desk.get(reverse("home")).url == reverse("audit")
    assert {desk.get(path).status_code for path in pages()} == {200}
    page = desk.get(reverse("audit")).text
    assert f'href="{reverse("audit_checks")}"' in page
    for name in ("security", "admin:index"):
        assert f'href="{reverse(name)}"' not in page
    assert desk.get(reverse("security")).status_code == 404
    assert desk.get(reverse("admin:index")).status_code == 302
    with pytest.raises(Refused):
        parties.unlock(user_id=written["first"].pk, actor=Actor.of(auditor), at=AT)


def test_who_stands_in_reads_it_while_the_post_is_vacant(
    written: dict[str, Any],
) -> None:
    client = Client()
    client.force_login(PostingFactory(post__role=Role.SYSTEM_ADMIN).user)
    assert {client.get(path).status_code for path in pages()} == {200}


def test_the_journal_is_narrowed(desk: Client, written: dict[str, Any]) -> None:
    unlocked = ["parties.unlock"] * 2
    assert shown(desk, "") == unlocked
    assert shown(desk, "since=2026-11-01&until=2026-11-20") == ["parties.close_account"]
    assert shown(desk, "floor=cases") == []
    assert shown(desk, "floor=parties&who=安全管理员") == unlocked
    assert shown(desk, "who=anquan") == unlocked
    assert shown(desk, "who=别人") == []
    assert shown(desk, "ip=10.1.2.3") == unlocked
    assert shown(desk, "ip=10.1.2.4") == []
    assert shown(desk, "object=yi") == ["parties.close_account"]
    assert shown(desk, f"object=user:{written['first'].pk}") == unlocked
    assert shown(desk, "object=没有&since=2026-13-45") == []


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2026-13-45", "明天"])
@pytest.mark.parametrize("name", ["since", "until"])
def test_what_is_no_day_of_ours_is_as_if_none_was_given(
    desk: Client, written: dict[str, Any], name: str, day: str
) -> None:
    assert shown(desk, f"{name}={day}") == ["parties.unlock"] * 2


def test_a_page_leads_to_the_older_ones(
    desk: Client, officer: Posting, written: dict[str, Any]
) -> None:
    who = Actor.of(officer)
    for _number in range(50):
        parties.unlock(user_id=written["first"].pk, actor=who, at=AT)
    page = desk.get(f"{reverse('audit')}?floor=parties")
    older = desk.get(f"{reverse('audit')}{page.context['older_url']}")
    assert len(page.context["rows"]) == 50
    assert len(older.context["rows"]) == 2
    assert older.context["given"]["floor"] == "parties"


def test_an_entry_is_said_in_words_and_shown_as_written(
    desk: Client, auditor: Posting, written: dict[str, Any]
) -> None:
    event = Event.objects.get(action="parties.close_account")
    page = desk.get(reverse("audit_entry", args=[event.pk])).text
    for words in ("停用账号", "安全管理员", "10.1.2.3", event.hash, "调离"):
        assert words in page
    post = auditor.post
    assert f"{post.organisation.name} · {post.name}</span>" in page
    assert desk.get(reverse("audit_entry", args=[event.pk + 999])).status_code == 404


def test_one_object_is_checked_on_the_spot(
    desk: Client, written: dict[str, Any]
) -> None:
    page = f"{reverse('audit')}?object=jia"
    assert "流水完整" in desk.get(page).text
    spoil(f"user:{written['first'].pk}")
    text = desk.get(page).text
    assert "流水有问题" in text
    assert "内容与摘要不符" in text


def test_the_whole_journal_is_checked_in_the_background(
    desk: Client, auditor: Posting, written: dict[str, Any]
) -> None:
    checks = reverse("audit_checks")
    assert desk.post(checks).url == checks
    assert "正在校验" in desk.get(checks).text
    again = desk.post(checks)
    assert again.status_code == 422
    assert "完成后再开始下一次" in again.text
    job = Job.objects.get(task="oversight.tasks.check_journal")
    assert tasks.check_journal(job_id=job.pk)
    assert not tasks.check_journal(job_id=job.pk)
    found = Event.objects.get(action="oversight.check_journal")
    assert found.detail == {"events": 4, "anchors": 0, "n_faults": 0, "faults": []}
    piece = desk.get(checks, headers={"HX-Request": "true"}).text
    assert "流水完整" in piece
    assert "<html" not in piece
    assert not Notification.objects.exists()
    assert list(journal.verify()) == []


def test_a_fault_is_kept_and_told_at_once(
    desk: Client, auditor: Posting, written: dict[str, Any]
) -> None:
    spoil(f"user:{written['first'].pk}")
    desk.post(reverse("audit_checks"))
    actions.check_journal(at=AT)
    found = Event.objects.get(action="oversight.check_journal")
    assert found.detail["n_faults"] == 1
    assert "内容与摘要不符" in found.detail["faults"][0]
    assert "发现 1 处问题" in desk.get(reverse("audit_checks")).text
    told = Notification.objects.get()
    assert told.user == auditor.user
    assert told.url == reverse("audit_checks")


@pytest.mark.django_db(transaction=True)
def test_another_check_is_refused_while_one_is_under_way(
    auditor: Posting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once: a check of millions of entries takes minutes."""
    who, answers = Actor.of(auditor), []
    actions.request_check(actor=who, at=AT)

    def asked() -> str:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '2s'")
                actions.request_check(actor=who, at=AT)
        except Refused as refused:
            return refused.code
        finally:
            connection.close()
        return "begun"

    def slow() -> Iterator[journal.Fault]:
        with ThreadPoolExecutor(1) as beside:
            answers.append(beside.submit(asked).result())
        yield from ()

    monkeypatch.setattr("governance.journal.verify", slow)
    actions.check_journal(at=AT)
    assert answers == ["running"]


def test_the_export_is_the_page_and_leaves_its_own_trace(
    desk: Client, written: dict[str, Any], tmp_path: Path, settings: Any
) -> None:
    settings.STATE_DIR = tmp_path
    link = re.search(r'href="([^"]+export[^"]+)"', desk.get("/audit/?object=jia").text)
    assert link
    page = unescape(link.group(1))
    assert page.startswith(f"{reverse('export', args=['audit'])}?object=jia&since=2026")
    assert "审计流水" in desk.get(page).text
    refused = desk.post(page, {"format": "xlsx"})
    assert refused.status_code == 422
    answer = desk.post(page, {"format": "xlsx", "purpose": "季度审计"}, follow=True)
    link = re.search(r'href="([^"]+/file/)"', answer.text)
    assert link, answer.text[:2000]
    file = b"".join(desk.get(link.group(1)).streaming_content)
    rows = list(load_workbook(BytesIO(file)).active.values)
    assert sum("解除登录锁定" in row for row in rows) == 2
    assert Event.objects.filter(action="exchange.download").count() == 1


def test_every_verb_of_the_code_has_a_name_of_its_own() -> None:
    """Those that are written out; `_record(thing, "verb"` adds its own floor."""
    floors = "|".join(verbs.FLOORS)
    found = set()
    for floor in verbs.FLOORS:
        for path in Path(project.BASE_DIR, floor).rglob("actions/**/*.py"):
            text = path.read_text(encoding="utf-8")
            found |= set(re.findall(rf'"((?:{floors})\.[a-z_]+)"', text))
            found |= {
                f"{floor}.{verb}"
                for verb in re.findall(r'_record\(\s*\w+, "([a-z_]+)"', text)
            }
    modules = {one for one in found if _is_module(one)}
    assert {"parties.appoint", "parties.close_account", "cases.reopen"} <= found
    assert sorted(one for one in found - modules if not verbs.is_known(one)) == []


def _is_module(dotted: str) -> bool:
    return Path(project.BASE_DIR, *dotted.split(".")).with_suffix(".py").exists()


def test_what_has_no_name_is_shown_all_the_same(desk: Client) -> None:
    with transaction.atomic():
        events.record(
            chain="unheard-of", action="parties.unheard_of",
            actor=Actor.system(), at=clock.now(),
        )  # fmt: skip
    page = desk.get(reverse("audit")).text
    assert "其他操作" in page
