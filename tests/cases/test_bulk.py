"""Several cases at once: each by its own action, each told by itself."""

import pytest
from django.urls import reverse

from cases import actions
from cases.models import Case
from governance.models import Event
from parties import actions as parties
from parties.models import Notification
from tests.cases.conftest import MONDAY_9
from tests.cases.road import Road, again, signed_in


@pytest.fixture
def road(world, file_case, photos, monkeypatch) -> Road:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    world.hire("handler", "department_handler", "fire", "990101")
    return Road(world, file_case, photos)


def send(road, name, action, cases, **given):
    """As the script does it: JSON, with everything that is asked."""
    picked = [f"{case.pk}.{case.version}" for case in cases]
    return signed_in(road.world, name).post(
        reverse("cases_bulk", args=[action]),
        {"picked": picked, "sent": "1", **given},
        headers={"Accept": "application/json"},
    )


def events(case, verb):
    return Event.objects.filter(chain=case.chain, action=f"cases.{verb}").count()


def test_fifty_selected_three_refused_the_others_done(road) -> None:
    """FEATURES 51. The 50 are rows of one unit, made from one whistled case."""
    first = road.whistled()
    cases = [first, *copies(first, 49)]
    for case in cases[7:10]:
        actions.claim(case_id=case.pk, actor=road.world.actor("fire"), at=MONDAY_9)
    answer = send(road, "handler", "claim", cases)
    told = answer.json()
    assert answer.status_code == 200
    assert len(told["done"]) == 47
    assert [one["id"] for one in told["refused"]] == [one.pk for one in cases[7:10]]
    for one in told["refused"]:
        assert "本案已由fire承办" in one["why"] and one["no"]
    mine = Case.objects.filter(holder_user=road.world.user_id("handler"))
    assert mine.count() == 47
    assert [events(case, "claim") for case in cases] == [1] * 50


def copies(case, n):
    """More rows like this one, in the hands of the same unit."""
    made = []
    for number in range(n):
        made.append(Case.objects.get(pk=case.pk))
        made[-1].pk = None
        made[-1].case_no = f"{int(case.case_no) + number + 1}"
        made[-1].save()
    return made


def test_an_error_in_one_leaves_the_others_done_and_is_said(road, monkeypatch) -> None:
    cases = [road.whistled(), road.whistled(), road.whistled()]
    real = actions.release

    def broken(*, case_id, **given):
        if case_id == cases[1].pk:
            raise RuntimeError("a bug")
        return real(case_id=case_id, opinion="换班", **given)

    from cases.views import bulk

    for case in cases:
        actions.claim(case_id=case.pk, actor=road.world.actor("handler"), at=MONDAY_9)
    step = bulk.Bulk(broken, bulk.forms.ClaimAllForm, "x")
    monkeypatch.setitem(bulk.BULK, "claim", step)
    told = send(road, "handler", "claim", cases).json()
    assert told["done"] == [cases[0].pk, cases[2].pk]
    assert "系统出错" in told["refused"][0]["why"]
    assert again(cases[1]).holder_user_id == road.world.user_id("handler")


def test_assigning_asks_whom_and_refuses_a_row_that_changed(road) -> None:
    cases = [road.whistled(), road.whistled()]
    client = signed_in(road.world, "fire")
    url = reverse("cases_bulk", args=["assign_handler"])
    picked = [f"{case.pk}.{case.version}" for case in cases]
    asked = client.post(url, {"picked": picked, "back": "/inbox/?box=all"})
    content = asked.content.decode()
    assert "handler（handler" in content and "/inbox/?box=all" in content
    assert "所选案件都交给同一位承办人" in content
    missing = client.post(url, {"picked": picked, "sent": "1"})
    assert missing.status_code == 422 and "请选择承办人。" in missing.content.decode()
    actions.claim(case_id=cases[1].pk, actor=road.world.actor("handler"), at=MONDAY_9)
    handler = road.world.user_id("fire")
    told = send(road, "fire", "assign_handler", cases, handler=handler).json()
    assert told["done"] == [cases[0].pk]
    assert "有人先您一步" in told["refused"][0]["why"]
    assert again(cases[1]).holder_user_id == road.world.user_id("handler")
    assert events(cases[0], "assign_handler") == 1
    assert events(cases[1], "assign_handler") == 0


def test_checking_in_from_the_desk_and_where_presence_is_asked(road) -> None:
    case, other = road.whistled(), road.whistled()
    other.whistles.update(requires_presence=True)
    told = send(road, "fire", "check_in", [case, other]).json()
    assert told["done"] == [case.pk]
    assert "要求到场" in told["refused"][0]["why"]
    assert case.assignments.get().status == "checked_in"
    told = send(road, "fire", "check_in", [other], remark="车辆在外").json()
    assert told["done"] == [other.pk]


def test_urging_is_the_desks_and_twice_is_refused(road) -> None:
    cases = [road.whistled(), road.whistled()]
    one = {"case_id": cases[0].pk, "opinion": "抓紧", "at": MONDAY_9}
    actions.urge(**one, actor=road.world.actor("dispatcher"))
    told = send(road, "dispatcher", "urge", cases, opinion="请抓紧").json()
    assert told["done"] == [cases[1].pk]
    assert "两小时内不重复催办" in told["refused"][0]["why"]
    assert send(road, "fire", "urge", cases, opinion="请抓紧").status_code == 404


def test_reading_marks_the_messages_of_these_cases_only(road) -> None:
    cases = [road.whistled(), road.whistled()]
    fire = road.world.user_id("fire")
    for case in cases:
        parties.notify(
            user_ids=[fire], kind="notice", title="x", key=f"k{case.pk}", at=MONDAY_9,
            subject=case.chain,
        )  # fmt: skip
    assert send(road, "fire", "read", cases[:1]).json()["done"] == [cases[0].pk]
    unread = Notification.objects.visible_to(fire).unread()
    assert [one.subject for one in unread] == [cases[1].chain]


def test_what_is_out_of_scope_is_told_without_its_number(road) -> None:
    case = road.whistled()
    told = send(road, "property", "claim", [case]).json()
    assert told["done"] == []
    assert told["refused"] == [
        {"id": case.pk, "no": "", "why": "这件案件已不在您的范围内，请刷新列表。"}
    ]
    assert events(case, "claim") == 0


def test_without_a_script_it_is_a_page(road) -> None:
    case, other = road.whistled(), road.whistled()
    actions.claim(case_id=other.pk, actor=road.world.actor("fire"), at=MONDAY_9)
    picked = [f"{one.pk}.{one.version}" for one in (case, other)]
    answer = signed_in(road.world, "handler").post(
        reverse("cases_bulk", args=["claim"]), {"picked": picked, "back": "/inbox/"}
    )
    content = answer.content.decode()
    assert "1 件已办，1 件没有办成" in content and other.display_no in content
    assert again(case).holder_user_id == road.world.user_id("handler")


def test_nothing_or_too_much_or_somewhere_else_is_refused(road) -> None:
    client = signed_in(road.world, "fire")
    url = reverse("cases_bulk", args=["claim"])
    empty = client.post(url, {})
    assert empty.status_code == 422 and "请先勾选" in empty.content.decode()
    many = client.post(url, {"picked": [str(n) for n in range(1, 202)]})
    assert many.status_code == 422 and "一次最多办理 200 件" in many.content.decode()
    assert client.get(url).status_code == 405
    assert client.post(reverse("cases_bulk", args=["nothing"])).status_code == 404
    case = road.whistled()
    away = client.post(url, {"picked": str(case.pk), "back": "//evil.example/"})
    assert "evil.example" not in away.content.decode()


def test_the_lists_offer_what_the_role_may(road) -> None:
    road.whistled()
    inbox = signed_in(road.world, "fire").get(reverse("inbox")).content.decode()
    assert 'data-bulk-do="claim"' in inbox and 'data-bulk-do="urge"' not in inbox
    assert "快捷键" in inbox and 'id="keys-help"' in inbox
    client = signed_in(road.world, "dispatcher")
    desk = client.get(reverse("desk_queue"), {"queue": "open"}).content.decode()
    assert 'data-bulk-do="urge"' in desk and "data-pick" in desk
