"""The interface in English: pages follow the reader, records do not."""

import shutil
import subprocess
from decimal import Decimal

import pytest
from django.conf import settings as configured
from django.urls import reverse
from django.utils import translation

from cases import actions, story
from cases.actions.filing import Report, placed
from cases.explain import explain
from cases.limits import Limit, spell
from cases.workflow import Action, State
from duties.actions import check_steps
from duties.workflow import Action as DutyAction
from duties.workflow import TaskState
from governance.calendar import Unit
from governance.errors import Refused
from governance.models import Event
from parties.models import Notification
from tests.cases.road import Road, again, piece, signed_in


@pytest.fixture
def road(world, file_case, photos) -> Road:
    return Road(world, file_case, photos)


@pytest.fixture
def english(settings, tmp_path):
    """The catalogue of the repository, compiled and in force."""
    messages = tmp_path / "en/LC_MESSAGES"
    messages.mkdir(parents=True)
    source = configured.BASE_DIR / "locale/en/LC_MESSAGES/django.po"
    msgfmt = shutil.which("msgfmt")
    assert msgfmt, "gettext is not installed"
    subprocess.run([msgfmt, source, "-o", messages / "django.mo"], check=True)
    settings.LOCALE_PATHS = [tmp_path]


def test_the_page_is_in_the_language_of_its_reader(road, english) -> None:
    case = road.reported()
    client = signed_in(road.world, "acceptor")
    client.post(reverse("set_language"), {"language": "en", "next": "/"})
    content = client.get(reverse("case", args=[case.pk])).content.decode()
    assert 'lang="en"' in content
    assert "Raise to the street" in content and "上呈街道" not in content
    client.post(reverse("set_language"), {"language": "zh-hans", "next": "/"})
    content = client.get(reverse("case", args=[case.pk])).content.decode()
    assert "上呈街道" in content and "Raise to the street" not in content


def test_a_step_taken_in_english_is_journalled_alike_and_read_in_chinese(
    road, english
) -> None:
    case = road.reported()
    client = signed_in(road.world, "acceptor")
    client.post(reverse("set_language"), {"language": "en", "next": "/"})
    given = {"reason": "not_ours", "opinion": "请拨打 12345"}
    url = reverse("case_action", args=[case.pk, "reject"])
    piece(client, url, version=case.version, **given)
    assert again(case).state == State.REJECTED
    event = Event.objects.filter(chain=case.chain).latest("seq")
    assert event.detail["given"] == {"reason": "not_ours"}
    with translation.override("zh-hans"):
        assert ("理由", "不属于本级职责") in story.timeline(case)[0].facts
    with translation.override("en"):
        facts = story.timeline(case)[0].facts
        assert ("Reason", "Not a matter for this level") in facts


def test_what_an_english_reader_does_is_told_in_chinese(road, english) -> None:
    case = road.joint()
    with translation.override("en"):
        actions.urge(
            case_id=case.pk, opinion="请抓紧",
            actor=road.world.actor("dispatcher"), at=road.at,
        )  # fmt: skip
    told = Notification.objects.filter(subject=case.chain, title__startswith="催办：")
    assert told.exists() and "催办单" in told[0].body


def test_why_a_case_belongs_where_it_does_is_kept_in_chinese(road, english) -> None:
    community = road.reported().community.code
    with translation.override("en"):
        place = placed(
            Report(category_id=0, description="", address="", community_code=community)
        )
    assert place.note == "按社区上报，没有点位"


def test_one_day_is_told_from_many(english) -> None:
    with translation.override("en"):
        assert str(Limit(Decimal(1), Unit.WORK_DAY)) == "1 work day"
        assert str(Limit(Decimal("0.5"), Unit.WORK_HOUR)) == "0.5 work hours"
        assert spell(540, Unit.WORK_DAY) == "1 work day 1 work hour"
    with translation.override("zh-hans"):
        assert str(Limit(Decimal(1), Unit.WORK_DAY)) == "1 工作日"


def test_a_state_is_told_from_the_step_of_the_same_chinese_name(english) -> None:
    with translation.override("en"):
        assert (State.REJECTED.label, Action.REJECT.label) == ("Rejected", "Reject")
        assert (TaskState.CLOSED.label, DutyAction.CLOSE.label) == ("Closed", "Close")
    with translation.override("zh-hans"):
        assert State.REJECTED.label == Action.REJECT.label == "不予受理"


def test_the_levels_of_a_mediation_are_read_alike_in_both_languages(english) -> None:
    for language in ("en", "zh-hans"):
        with translation.override(language):
            check_steps("社区：人民调解员主持调解")
            with pytest.raises(Refused):
                check_steps("Community: a mediator mediates")


def test_why_a_case_is_where_it_is_reads_as_english(road, english) -> None:
    case = road.joint()
    with translation.override("en"):
        said = str(explain(case, road.at))
    assert "came to “Departments handling” by “Lead’s check-in”" in said
    assert "must complete “Handling” by 11-23 11:00 (“Lead’s feedback”" in said
    assert "). 区" in said, "a space between the two sentences"
