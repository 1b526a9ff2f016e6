"""长辈版: large from the server on, without scripts."""

from django.urls import reverse

ELDER = reverse("portal_elder")
LARGE = 'data-elder="1"'


def test_it_is_chosen_by_a_form_and_stays(client, db):
    page = client.get(reverse("privacy"), {"version": "x"}).content.decode()
    assert LARGE not in page
    assert f'action="{ELDER}"' in page
    onward = f"{reverse('privacy')}?version=x"
    assert f'name="next" value="{onward}"' in page
    answer = client.post(ELDER, {"elder": "1", "next": onward})
    assert answer.url == onward
    page = client.get(reverse("portal")).content.decode()
    assert LARGE in page
    assert 'name="elder" value="0" data-toggle-elder aria-pressed="true"' in page
    client.post(ELDER, {"elder": "0"})
    assert LARGE not in client.get(reverse("portal")).content.decode()


def test_it_leads_nowhere_outside_this_site(client, db):
    answer = client.post(ELDER, {"elder": "1", "next": "https://example.com/"})
    assert answer.url == reverse("portal")
    assert client.get(ELDER).status_code == 405
