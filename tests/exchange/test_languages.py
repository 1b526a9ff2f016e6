"""What the worker has to say, it says in the language of the page that asked."""

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation

from exchange.actions import exporting
from exchange.models import Export
from grids.models import Area
from parties.models import Posting
from tests.cases.conftest import file_case, photos, snapshot, world
from tests.cases.road import signed_in
from tests.exchange.conftest import filled, reasons_of, turn
from tests.factories import PostingFactory

pytestmark = pytest.mark.django_db
__all__ = ["file_case", "photos", "snapshot", "world"]


@pytest.fixture(autouse=True)
def chinese_again():
    """A request leaves its language behind."""
    with translation.override("zh-hans"):
        yield


def in_english(client):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def test_a_row_is_refused_in_english_where_the_page_is_english(admin, bring):
    in_english(admin)
    kept = bring("areas", filled("areas", {"编码": "9901"}))
    (reason,) = reasons_of(kept)
    assert reason == "名称: must not be empty"
    page = admin.get(reverse("import_review", args=[kept.token])).content.decode()
    assert reason in page


def test_a_whole_file_is_refused_in_english(admin, bring):
    in_english(admin)
    kept = bring("areas", filled("areas"))
    assert kept.state == "refused"
    assert kept.refusal.isascii()


def test_what_was_previewed_in_english_is_written_from_chinese(admin, bring):
    """The preview is compared with itself, whatever the worker speaks."""
    kept = bring("areas", filled("areas", {"编码": "9901", "名称": "示例市"}))
    in_english(admin)
    kept = bring("areas", filled("areas", {"编码": "9901", "名称": "新市"}))
    admin.cookies.pop(settings.LANGUAGE_COOKIE_NAME)
    admin.post(reverse("import_review", args=[kept.token]))
    turn()
    kept.refresh_from_db()
    assert (kept.state, kept.language) == ("done", "en")
    assert Area.objects.get(code="9901").name == "新市"


def test_a_file_that_was_cleared_away_is_refused_in_words(admin, bring):
    in_english(admin)
    kept = bring("areas", filled("areas", {"编码": "9901", "名称": "示例市"}))
    admin.post(reverse("import_review", args=[kept.token]))
    kept.place.remove()
    turn()
    kept.refresh_from_db()
    assert kept.state == "refused"
    assert "upload it again" in kept.refusal
    assert not Area.objects.filter(code="9901").exists()


def test_an_export_in_the_background_speaks_as_its_page(world, file_case, monkeypatch):
    monkeypatch.setattr(exporting, "AT_ONCE", 0)
    file_case()
    client = in_english(signed_in(world, "acceptor"))
    wish = {"format": "xlsx", "purpose": "会议材料"}
    client.post(f"{reverse('export', args=['desk'])}?queue=open", wish)
    Posting.objects.filter(pk=world.postings["acceptor"].pk).update(
        ends_at=timezone.now()
    )
    PostingFactory(user=world.postings["acceptor"].user)
    turn()
    export = Export.objects.get()
    assert export.state == "refused"
    assert "您" not in export.refusal
    assert "post" in export.refusal
