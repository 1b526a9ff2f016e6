"""What a client posts, read into what an action takes; all that is wrong at once."""

import base64
import uuid
from typing import Any
from urllib.parse import urlsplit

from django.utils import timezone
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext as _

from cases import answers
from cases.answers import Kind
from cases.models import Category
from doors import actions
from doors.actions.open311 import LONGEST_ADDRESS
from doors.models import ApiClient
from doors.open311 import asked, reads
from doors.open311.asked import Values
from doors.open311.problems import Problem, invalid, unknown
from doors.open311.shapes import code_of
from doors.open311.status import EXTENDED

MOST_PICTURES = 10
LONGEST_URL = 500
LONGEST_ID = 100
PERSON = ("first_name", "last_name", "phone", "email")
REQUIRED_OF_UPDATE = (
    "service_request_id", "update_id", "status", "updated_datetime", "description",
)  # fmt: skip
# An older name that some servers and clients still use.
FORMERLY = {"update_id": "update_id_ext"}


def request_of(values: Values, client: ApiClient, *, key: str) -> actions.Asked:
    """The service request. `key` is the client's own name for it."""
    category = _category(values)
    position = asked.position(values)
    address = asked.whole(values, "address_string", LONGEST_ADDRESS)
    address_id = asked.text(values, "address_id", 100)
    if not (position or address or address_id):
        raise invalid(_("请提供位置：lat 和 long，或 address_string，或 address_id。"))
    person = {name: asked.text(values, name, 100) for name in PERSON}
    return actions.Asked(
        id=_id(client, key),
        category_id=category.pk,
        description=asked.whole(values, "description", asked.LONGEST_DESCRIPTION),
        position=position,
        address=address,
        address_id=address_id,
        answers=_answers(values, category),
        name=asked.person(person)[:50],
        contact=person["phone"] or person["email"],
        account_id=asked.text(values, "account_id", 100),
        media_urls=tuple(urls_of(values)),
    )


def no_service(code: str) -> str:
    return _("没有 service_code 为“%(code)s”的服务。") % {"code": code[:40]}


def no_request(number: str) -> str:
    return _("没有 service_request_id 为“%(no)s”的请求。") % {"no": number[:40]}


def _category(values: Values) -> Category:
    code = asked.text(values, "service_code")
    if not code:
        raise invalid(_("缺少 service_code。"))
    category = reads.service(code)
    if category is None:
        raise unknown(no_service(code))
    return category


def _id(client: ApiClient, key: str) -> uuid.UUID:
    """The same for the same client and name; a new one without a name."""
    if not key:
        return uuid.uuid4()
    return uuid.uuid5(uuid.NAMESPACE_URL, f"open311:{client.pk}:{key}")


def _answers(values: Values, category: Category) -> dict[str, Any]:
    """By the question's id; all attributes that are missing or do not fit are named."""
    sent = asked.attributes(values)
    given: dict[str, Any] = {}
    for question in category.active_questions:
        if found := sent.get(code_of(question)):
            given[str(question.pk)] = _fitting(question.kind, found)
    _kept, faults = answers.check(category.active_questions, given)
    if faults:
        raise Problem(
            400,
            [(400, f"attribute[q{pk}]：{sentence}") for pk, sentence in faults.items()],
        )
    return given


def _fitting(kind: str, found: list[str]) -> str | list[str]:
    """As the question wants it; of a date and time the day, where it is a local one."""
    if kind == Kind.CHOICES:
        return found
    if kind == Kind.DATE and "T" in found[0].upper():
        moment = asked.moment(found[0], "attribute")
        return timezone.localtime(moment).date().isoformat()
    return found[0]


def urls_of(values: Values) -> list[str]:
    """The web addresses among media_url, which may be declared several times; letters
    beyond ASCII are spelled as in an address."""
    found = [iri_to_uri(url) for url in _media(values) if _is_web(url)]
    if any(len(url) > LONGEST_URL for url in found):
        raise invalid(_("media_url 的网址最多 %(n)d 字。") % {"n": LONGEST_URL})
    return found


def check_pictures(values: Values, files: int) -> None:
    """Refused, and nothing taken in, where more come than one request may bring: files,
    pictures written into media_url and addresses together."""
    count = files + len(pictures_in(values)) + len(urls_of(values))
    if count > MOST_PICTURES:
        raise invalid(
            _("一次最多 %(most)d 张图片，收到 %(n)d 张，请减少后重发。")
            % {"most": MOST_PICTURES, "n": count}
        )


def _media(values: Values) -> list[str]:
    given = [*values.getlist("media_url"), *values.getlist("media_url[]")]
    return [str(one).strip() for one in given]


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    plain = all(letter > " " and letter not in "<>\"'\x7f" for letter in url)
    return plain and parts.scheme in ("http", "https") and bool(parts.netloc)


def update_of(values: Values, client: ApiClient) -> actions.Told:
    given = {name: _update_field(values, name) for name in REQUIRED_OF_UPDATE}
    missing = [
        _("缺少 %(name)s。") % {"name": name} for name in given if not given[name]
    ]
    if missing:
        raise invalid(*missing)
    status = given["status"].lower()
    if status not in EXTENDED:
        raise invalid(
            _("status 只能是：%(words)s。") % {"words": ", ".join(EXTENDED).upper()}
        )
    asked.moment(given["updated_datetime"], "updated_datetime")
    name = f"open311-update:{client.pk}:{given['update_id']}"
    return actions.Told(
        external_id=given["update_id"],
        case_no=given["service_request_id"],
        status=status,
        description=_update_words(given["description"], values),
        batch=uuid.uuid5(uuid.NAMESPACE_URL, name),
        account_id=asked.text(values, "account_id", 100),
    )


def _update_field(values: Values, name: str) -> str:
    most = LONGEST_ID if name == "update_id" else asked.LONGEST_DESCRIPTION
    older = FORMERLY.get(name, name)
    return asked.whole(values, name, most) or asked.whole(values, older, most)


def _update_words(said: str, values: Values) -> str:
    """The words, and the addresses of pictures that lie elsewhere."""
    urls = " ".join(urls_of(values))
    return f"{said}\n" + _("附图网址：%(urls)s") % {"urls": urls} if urls else said


def pictures_in(values: Values) -> list[bytes]:
    """Those written into media_url; a `data:` of another kind than a picture is passed
    over (FEATURES F16)."""
    found = []
    for one in _media(values):
        head, _comma, body = one.partition(",")
        if head.startswith("data:image/") and head.endswith(";base64"):
            try:
                found.append(base64.b64decode(body, validate=True))
            except ValueError as error:
                raise invalid(_("media_url 中的图片读不懂，请重新编码。")) from error
    return found
