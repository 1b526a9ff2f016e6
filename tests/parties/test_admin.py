import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from governance.models import Event
from parties.models import ContactDepartment, Organisation, Posting, User
from parties.roles import Role
from tests.factories import (
    PASSWORD,
    OrganisationFactory,
    PostFactory,
    PostingFactory,
    UserFactory,
    area_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client, administrator):
    client.force_login(User.objects.get(username="root"))
    return client


@pytest.mark.parametrize("model", ["organisation", "user", "post", "posting"])
def test_lists_and_forms_open_for_administrators_only(
    client, desk, acceptor, colleague, model
):
    index = reverse(f"admin:parties_{model}_changelist")
    assert desk.get(index).status_code == 200
    assert desk.get(reverse(f"admin:parties_{model}_add")).status_code == 200
    desk.force_login(acceptor.user)
    assert desk.get(index).status_code == 302


@pytest.mark.parametrize("model", ["organisation", "user", "post"])
def test_nothing_is_deleted(desk, acceptor, model):
    pk = {
        "organisation": acceptor.post.organisation_id,
        "user": acceptor.user_id,
        "post": acceptor.post_id,
    }[model]
    response = desk.post(reverse(f"admin:parties_{model}_delete", args=[pk]))
    assert response.status_code == 403


def test_a_changed_organisation_is_journalled(desk):
    organisation = OrganisationFactory(name="区城管局")
    data = {"name": "区城市管理局", "kind": "department", "level": 2}
    url = reverse("admin:parties_organisation_change", args=[organisation.pk])
    assert desk.post(url, data).status_code == 302
    organisation.refresh_from_db()
    assert organisation.name == "区城市管理局"
    event = Event.objects.get(chain=f"organisation:{organisation.pk}")
    assert event.detail["before"]["name"] == "区城管局"
    assert event.detail["after"]["name"] == "区城市管理局"


def test_a_contact_department_is_kept_and_journalled(desk):
    organisation = OrganisationFactory(name="区住建局")
    community = area_of("990101001001")
    url = reverse("admin:parties_contactdepartment_add")
    given = {
        "organisation": organisation.pk, "area": community.pk,
        "starts_date": "2026-01-01",
    }  # fmt: skip
    district = area_of("990101")
    page = desk.post(url, {**given, "area": district.pk}).text
    assert "包联的对象是社区或街道" in page
    assert desk.post(url, given).status_code == 302
    kept = ContactDepartment.objects.get()
    assert str(kept) == f"区住建局→{community.name}"
    change = reverse("admin:parties_contactdepartment_change", args=[kept.pk])
    assert desk.post(change, {**given, "ends_date": "2026-12-01"}).status_code == 302
    chain = f"contactdepartment:{kept.pk}"
    verbs = Event.objects.filter(chain=chain).order_by("seq")
    assert [one.action for one in verbs] == ["parties.create", "parties.change"]
    delete = reverse("admin:parties_contactdepartment_delete", args=[kept.pk])
    assert desk.post(delete).status_code == 403
    page = desk.post(change, {**given, "ends_date": "2025-12-01"})
    assert page.status_code == 200


def test_a_new_account_must_change_its_password(desk):
    data = {
        "username": "xinren",
        "name": "新人",
        "usable_password": "true",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }
    assert desk.post(reverse("admin:parties_user_add"), data).status_code == 302
    user = User.objects.get(username="xinren")
    assert user.must_change_password
    assert PASSWORD not in str(Event.objects.get(chain=f"user:{user.pk}").detail)


def test_adding_a_posting_appoints(desk):
    user, post = UserFactory(), PostFactory()
    data = {
        "user": user.pk,
        "post": post.pk,
        "starts_at_0": "2026-11-01",
        "starts_at_1": "09:00",
    }
    assert desk.post(reverse("admin:parties_posting_add"), data).status_code == 302
    posting = Posting.objects.get(user=user)
    assert Event.objects.get(chain=f"posting:{posting.pk}").action == "parties.appoint"


def test_a_refused_appointment_is_told_plainly(desk):
    held = PostingFactory(post__role=Role.AUDIT_ADMIN)
    data = {
        "user": held.user_id,
        "post": PostFactory(role=Role.SECURITY_ADMIN).pk,
        "starts_at_0": "2026-11-01",
        "starts_at_1": "09:00",
    }
    response = desk.post(reverse("admin:parties_posting_add"), data)
    assert response.status_code == 422
    assert "应由不同的人担任" in response.text


def test_the_list_ends_postings(desk, acceptor):
    data = {"action": "end", "_selected_action": [acceptor.pk]}
    desk.post(reverse("admin:parties_posting_changelist"), data)
    acceptor.refresh_from_db()
    assert acceptor.ends_at <= timezone.now()


def test_the_first_superuser_needs_no_post(client):
    client.force_login(
        User.objects.create_superuser("first", PASSWORD, name="首任管理员")
    )
    data = {"name": "新单位", "kind": "department", "level": 2}
    client.post(reverse("admin:parties_organisation_add"), data)
    assert Organisation.objects.filter(name="新单位").exists()
    page = client.get(reverse("admin:index"))
    assert page.status_code == 200
    assert reverse("security") not in page.text


def test_a_password_set_here_goes_through_the_action(desk, acceptor):
    url = reverse("admin:auth_user_password_change", args=[acceptor.user_id])
    assert desk.get(url).status_code == 200
    desk.post(url, {"password1": PASSWORD, "password2": PASSWORD})
    acceptor.user.refresh_from_db()
    assert acceptor.user.check_password(PASSWORD)
    assert acceptor.user.must_change_password
    event = Event.objects.get(chain=f"user:{acceptor.user_id}")
    assert event.action == "parties.change_password"


def test_a_locked_account_is_unlocked_from_the_list(desk, client, acceptor):
    acceptor.user.set_password(PASSWORD)
    acceptor.user.save()
    other = Client()
    for _ in range(6):
        other.post(reverse("login"), {"username": "acceptor", "password": "wrong"})
    given = {"username": "acceptor", "password": PASSWORD}
    assert other.post(reverse("login"), given).status_code == 429
    data = {"action": "unlock", "_selected_action": [acceptor.user_id]}
    desk.post(reverse("admin:parties_user_changelist"), data)
    assert other.post(reverse("login"), given).status_code == 302
    actions = Event.objects.filter(chain=f"user:{acceptor.user_id}")
    assert actions.first().action == "parties.unlock"


def test_the_administration_waits_for_a_due_new_password(desk, client):
    User.objects.filter(username="root").update(must_change_password=True)
    index = reverse("admin:index")
    assert desk.get(index).status_code == 302
    assert desk.get(index, follow=True).redirect_chain[-1][0] == reverse(
        "password_change"
    )


@pytest.mark.parametrize("name", ["login", "password_change"])
def test_signing_in_and_passwords_have_one_page(desk, name):
    response = desk.get(reverse(f"admin:{name}"), {"next": "/admin/"})
    assert response.url == f"{reverse(name)}?next=%2Fadmin%2F"
