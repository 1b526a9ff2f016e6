"""Every page there is, with an address and a person that open it.

Derived from the routes, so that a new page is not forgotten: what answers only to
forms or with a piece is told by opening it, `NOT_PAGES` names the rest with the reason,
and a route that nobody of the demo city can open is an error. Runs inside the instance
that is looked at.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import cache
from itertools import islice, product
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from cases.models import Case, Category, JointMeeting, SiteTask
from cases.offers import OWN_PAGES, offers
from cases.querysets import kpi
from cases.views.offered import STEPS
from cases.views.steps import STEPS as PHONE_STEPS
from cases.workflow import State, allowed
from civics.models import Place
from civics.querysets.public import public_cases
from doors.models import Open311Request, WorkOrder
from duties.models import (
    CareTarget,
    GridItemAdmission,
    Incident,
    Mediation,
    PatrolRecord,
    Task,
    TaskReceiver,
    VisitRecord,
)
from governance import clock
from grids import uploads
from oversight.querysets.lists import BY_CODE as BOARD_LISTS
from parties.acting import Actor
from parties.channels import kinds
from parties.demo import demo_logins
from parties.models import Posting, User

NO_PERSON = ""
MODELS = {
    "category_id": Category,
    "meeting_id": JointMeeting,
    "receiver_id": TaskReceiver,
    "task_id": Task,
    "admission_id": GridItemAdmission,
    "target_id": CareTarget,
    "record_id": VisitRecord,
    "patrol_id": PatrolRecord,
    "incident_id": Incident,
    "order_id": WorkOrder,
    "request_id": Open311Request,
}
FORM = "answers only what a form sends"
PIECE = "a piece of another page, or data"
FILE = "a file to be downloaded or a picture"
EARLIER = "needs what was filled in before; tests/e2e/test_resident.py looks at it"
# Doors for other systems, in which there are no pages.
INTERFACES = ("/api/v1/", "/^api/v1/", "/open311/", "/^open311")
NOT_PAGES = {
    "change_phrase": FORM,
    "change_view": FORM,
    "device_forget": FORM,
    "board_tile": PIECE,
    "briefing_excel": FILE,
    "home": "leads to the first page of the acting post",
    "set_language": FORM,
    "import_template": FILE,
    "import_review": "of a file that somebody uploaded",
    "import_errors": FILE,
    "import_drop": FORM,
    "export_progress": "of a list that somebody asked for",
    "export_file": FILE,
    "demo_login": FORM,
    "logout": FORM,
    "end_delegation": FORM,
    "notification_open": FORM,
    "tile": PIECE,
    "area_children": PIECE,
    "area_geojson": FILE,
    "duplicate_photo": FILE,
    "remove_photo": FORM,
    "photo": FILE,
    "photo_thumb": FILE,
    "resident_photo": FILE,
    "portal": "shown first, to people who are not signed in",
    "portal_leave": FORM,
    "portal_elder": FORM,
    "resident_scan": "leads on to the report",
    "resident_where": EARLIER,
    "resident_who": EARLIER,
    "resident_receipt": EARLIER,
    "resident_mine": EARLIER,
    "resident_data": FILE,
    "data_desk": "of a request that a resident made",
    "data_export": FILE,
    "resident_draft_photo": FILE,
    "resident_open": FORM,
    "resident_unfollow": FORM,
    "resident_follow_area": FORM,
    "resident_unfollow_area": FORM,
    "place_end": FORM,
    "bridge_file": FORM,
    "bridge_return": FORM,
    "open311_place": FORM,
    "oidc_leave": "leads to a provider, of which the demo city has none",
    "oidc_back": "where a provider leads back to",
    "visit_photo": FILE,
    "visit_photo_thumb": FILE,
    "agreement_photo": FILE,
    "agreement_thumb": FILE,
}
# Shown besides: lists in which nothing is found, and addresses that lead nowhere.
BESIDES = (
    ("desk-nothing-found", "/desk/?q=找不到", "jiedao-paiqianyuan", 200),
    ("desk-map", "/desk/?queue=open&view=map", "jiedao-paiqianyuan", 200),
    ("desk-all", "/desk/?queue=open", "jiedao-paiqianyuan", 200),
    ("inbox-empty", "/inbox/", "gongshuigongsi-lianluoyuan", 200),
    ("cases-empty", "/m/cases/", "wanggezhang", 200),
    ("catalogue-nothing-found", "/catalogue/?q=找不到", "jiedao-paiqianyuan", 200),
    ("not-found", "/cases/999999/", "jiedao-paiqianyuan", 404),
    ("refused", "/desk/duties/new/", "duchayuan", 422),
)
# Who opens what begins so; the longest beginning counts.
SURFACES = {
    "/": ("jiedao-paiqianyuan", "quzhihuizhongxin"),
    "/m/": ("wanggeyuan-jia", "wanggeyuan-yi", "wanggezhang", "weiwanggezhang"),
    "/m/incidents/": ("shequ-shouliyuan", "wanggeyuan-jia"),
    "/r/": (NO_PERSON,),
    "/report/": (NO_PERSON,),
    "/phone/": (NO_PERSON,),
    "/public/": (NO_PERSON,),
    "/privacy/": (NO_PERSON,),
    "/places/": ("shequ-shouliyuan",),
    "/inbox/": ("chengguanju-lianluoyuan",),
    "/exchange/": ("xitongguanliyuan",),
    "/security/": ("anquanguanliyuan",),
    "/audit/": ("shenjiguanliyuan",),
    "/areas/": ("xitongguanliyuan",),
    "/areas/map/": ("jiedao-paiqianyuan",),
    "/interface/": ("xitongguanliyuan",),
    "/catalogue/import/": ("xitongguanliyuan", "quzhihuizhongxin"),
    "/mediation/": ("shequ-chengbanren",),
    "/desk/incidents/": ("jiedao-zhibanlingdao",),
    "/desk/meetings/": ("quzhihuizhongxin",),
    "/desk/duties/<int:task_id>/<": ("jiedao-zhibanzhang",),
    "/desk/duties/receivers/": ("shequ-chengbanren", "shequ-shouliyuan"),
    "/duties/admissions/<int:admission_id>/<": ("quzhihuizhongxin",),
    "/duties/care/": ("shequ-shouliyuan",),
}
# Last words of addresses that name a step; those of cases come from their offers.
ACTIONS = {
    "phone_duty_step": ("sign", "submit"),
    "duty_task_step": ("cancel", "close"),
    "duty_receiver_step": ("submit", "reissue"),
    "admission_step": ("withdraw", "evaluate"),
    "care_step": ("end", "review"),
    "mediation_step": ("session",),
    "account_step": ("close", "password"),
}
# Those who have cases in hand; one of them shows each state.
USUAL = ("shequ-shouliyuan", "jiedao-shouliyuan", "jiedao-paiqianyuan",
         "jiedao-zhibanzhang", "chengguanju-lianluoyuan", "quzhihuizhongxin",
         "shizhihuizhongxin")  # fmt: skip
# In these every part of the page of a case shows at least once.
FEW_STATES = (State.DISPUTED, State.DISTRICT_COORD, State.SUSPENDED, State.CLOSED)
CODES: dict[str, Any] = {
    "report_list": kpi.BY_CODE,
    "board_list": BOARD_LISTS,
    "import_upload": ["organisations"],
    "export": ["organisations"],
    "interface_operation": ["draft_task"],
}
BY_OFFERS = {"case_action", "phone_step", *OWN_PAGES.values()}
MOST_TRIES = 80
NEWEST = 60  # cases: those of the stations are among them
# Tried when nobody of the surface may: those who set the platform up.
EVERYBODY = ("xitongguanliyuan", "anquanguanliyuan", "shenjiguanliyuan",
             "quzhihuizhongxin", "chengguanju-lianluoyuan", "kaoheyuan")  # fmt: skip


@dataclass(frozen=True)
class Page:
    """`username` is empty where nobody signs in; `status` is what it must answer."""

    name: str
    path: str
    username: str
    status: int = 200

    @property
    def label(self) -> str:
        return f"{self.name}-{self.username or 'nobody'}"


@dataclass(frozen=True)
class Route:
    name: str
    pattern: str
    arguments: tuple[str, ...]


def routes() -> list[Route]:
    """All but those of the administration, which are taken from its own registry."""
    return list(_routes(get_resolver().url_patterns, ""))


def _routes(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[Route]:
    for one in patterns:
        pattern = before + str(one.pattern)
        if isinstance(one, URLResolver):
            if one.namespace != "admin":
                yield from _routes(one.url_patterns, pattern)
        elif one.name is not None:
            names = tuple(re.findall(r"<(?:\w+:)?(\w+)>", pattern))
            yield Route(one.name, f"/{pattern}", names)


def forgotten() -> list[str]:
    """Named as no page, and no route any more."""
    return sorted(set(NOT_PAGES) - {route.name for route in routes()})


def pages(*, steps: bool = True) -> dict[str, Any]:
    """All of them, and the sentences about routes that nobody opens.

    Without `steps` every template once, in a fifth of the time.
    """
    unknown: list[str] = []
    first = [Page("portal", "/", NO_PERSON), Page("login", "/login/", NO_PERSON)]
    found = [*first, *_opened(unknown)]
    found += _cases(State if steps else FEW_STATES)
    if steps:
        found += [*_steps(), *_phone_steps(), *_administration()]
    found += [Page(*one) for one in BESIDES]
    once = {(one.path, one.username): one for one in found}
    return {"pages": [asdict(one) for one in once.values()], "unknown": unknown}


def _opened(unknown: list[str]) -> Iterator[Page]:
    """One page for each route: the first that the first person may open."""
    hands = _Hands()
    for route in routes():
        if route.pattern.startswith(INTERFACES):
            continue
        if route.name not in NOT_PAGES and route.name not in BY_OFFERS | {"login"}:
            try:
                page = hands.open(route)
            except LookupError as error:
                unknown.append(str(error))
            else:
                yield from [page] if page else []


class _Hands:
    """Signed-in test clients, and what there is for each argument of a route."""

    def __init__(self) -> None:
        self.clients: dict[str, Client] = {NO_PERSON: Client()}

    def open(self, route: Route) -> Page | None:
        """None for what answers only to a form, or with a piece or data."""
        not_page = False
        for username, values in islice(_tries(route), MOST_TRIES):
            path = reverse(route.name, args=values)
            answer = self.client(username).get(path)
            if answer.status_code == 200 and _is_page(answer):
                return Page(route.name, path, username)
            not_page |= answer.status_code in (200, 400, 405, 422)
        if not not_page:
            raise LookupError(
                f"nobody opens {route}: say in tests/looks/pages.py who does, or why "
                "it is not a page"
            )
        return None

    def client(self, username: str) -> Client:
        if username not in self.clients:
            self.clients[username] = Client()
            backend = "django.contrib.auth.backends.ModelBackend"
            user = User.objects.get(username=username)
            self.clients[username].force_login(user, backend=backend)
        return self.clients[username]


def _is_page(answer: Any) -> bool:
    kind = answer.headers.get("Content-Type", "")
    return kind.startswith("text/html") and b"<html" in answer.content[:500]


def _tries(route: Route) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Who may be asked to open it, and with which arguments."""
    begins = max(filter(route.pattern.startswith, SURFACES), key=len)
    names = SURFACES[begins]
    for username in (*names, *(one for one in EVERYBODY if one not in names)):
        known = (_known(route, name, username) for name in route.arguments)
        limit = MOST_TRIES if username in names else 3
        for values in islice(product(*known), limit):
            yield username, values


def _known(route: Route, argument: str, username: str) -> list[Any]:
    """What there is for an argument of a route, for this person."""
    if argument == "action":
        return list(ACTIONS.get(route.name, STEPS))
    if argument == "kind":
        return list(kinds())
    if argument == "task_id" and route.pattern.startswith("/m/"):
        return _keys(SiteTask)
    if argument == "case_id":
        seen = Case.objects.visible_to(_acting(username))
        own = Mediation.objects.values("case") if "mediation" in route.name else None
        seen = seen.filter(pk__in=own) if own is not None else seen
        return list(seen.order_by("-pk").values_list("pk", flat=True))
    if route.name == "place_sheet":
        return list(Place.objects.in_use().values_list("code", flat=True)[:1])
    if argument in ("code", "operation_id"):
        return list(CODES.get(route.name, ["990101001002"]))
    if argument == "case_no":
        return list(public_cases(clock.now()).values_list("case_no", flat=True)[:5])
    if argument == "token":
        return [one.name for one in uploads._home().iterdir()]
    return _keys(_model_of(argument))


def _model_of(argument: str) -> Any:
    """`case_id` is of `Case`, `care_target_id` of `CareTarget`."""
    if argument in MODELS:
        return MODELS[argument]
    wanted = argument.removesuffix("_id").replace("_", "")
    for model in apps.get_models():
        if model._meta.model_name == wanted:
            return model
    raise LookupError(f"tests/looks/pages.py does not know what “{argument}” may be")


def _cases(states: Iterable[State]) -> Iterator[Page]:
    """A case in every state, before whoever has most to do with it."""
    at = clock.now()
    for state in states:
        case = Case.objects.filter(state=state).order_by("-pk").first()
        if case is None:
            continue
        usual = [one for one in _readers(case) if one[0] in USUAL] or _readers(case)
        who = max(usual, key=lambda one: len(offers(case, one[1], at)))
        yield Page(
            f"case-{state.value.lower()}", reverse("case", args=[case.pk]), who[0]
        )


def _steps() -> Iterator[Page]:
    """The form of every step, of the first case that somebody is offered it for."""
    at, found = clock.now(), set()
    for case in Case.objects.order_by("-pk").select_related("category")[:NEWEST]:
        for username, who in _readers(case):
            for offer in offers(case, who, at):
                if offer.name in STEPS and offer.name not in found:
                    found.add(offer.name)
                    path = reverse("case_action", args=[case.pk, offer.name])
                    yield Page(f"step-{offer.name}", path, username)
                if offer.own_page and offer.own_page not in found:
                    found.add(offer.own_page)
                    yield Page(
                        offer.own_page,
                        reverse(offer.own_page, args=[case.pk]),
                        username,
                    )


def _phone_steps() -> Iterator[Page]:
    """The same on the phone of a grid worker."""
    found = set()
    for username in SURFACES["/m/"]:
        who = _acting(username)
        for case in Case.objects.visible_to(who).order_by("-pk")[:NEWEST]:
            for row in allowed(case, who):
                if row.action in PHONE_STEPS and row.action not in found:
                    found.add(row.action)
                    path = reverse("phone_step", args=[case.pk, row.action.value])
                    yield Page(f"phone-step-{row.action.value}", path, username)


def _readers(case: Case) -> list[tuple[str, Actor]]:
    """Those of the demo accounts at desk and inbox who see the case."""
    seen = Case.objects.filter(pk=case.pk)
    return [(name, who) for name, who in _actors() if seen.visible_to(who).exists()]


@cache
def _actors() -> list[tuple[str, Actor]]:
    names = [login.username for login in demo_logins()]
    return [(one, _acting(one)) for one in names if one not in SURFACES["/m/"]]


@cache
def _acting(username: str) -> Actor:
    if username == NO_PERSON:
        return Actor.resident("居民")
    own = Posting.objects.current(clock.now()).with_post()
    return Actor.of(own.filter(user__username=username).order_by("pk")[0])


def _administration() -> Iterator[Page]:
    """The front, and of each kind of thing the list and the forms of new and first."""
    yield Page("admin", "/admin/", "xitongguanliyuan")
    hands = _Hands()
    for model in admin.site._registry:
        label = f"{model._meta.app_label}_{model._meta.model_name}"
        first = model._default_manager.order_by("pk").values_list("pk", flat=True)[:1]
        paths = {
            f"admin-{label}": reverse(f"admin:{label}_changelist"),
            f"admin-{label}-new": reverse(f"admin:{label}_add"),
            **{
                f"admin-{label}-one": reverse(f"admin:{label}_change", args=[pk])
                for pk in first
            },
        }
        for name, path in paths.items():
            for username in (
                "xitongguanliyuan",
                "anquanguanliyuan",
                "shenjiguanliyuan",
            ):
                if hands.client(username).get(path).status_code == 200:
                    yield Page(name, path, username)
                    break


def _keys(model: Any) -> list[int]:
    return list(model._default_manager.order_by("-pk").values_list("pk", flat=True))
