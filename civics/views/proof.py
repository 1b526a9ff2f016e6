"""Proving a telephone: the same two buttons on every form that asks for one."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from civics import actions, http
from civics.actions.codes import MARK
from civics.forms.phone import PhoneForm
from civics.models import Phone
from governance import crypto
from governance.errors import Refused
from parties.models import Delivery


def asked_for_code(request: HttpRequest) -> bool:
    """Whether 发送验证码 was pressed, not the button that sends the form."""
    return "send" in request.POST


def send(request: HttpRequest, form: PhoneForm, at: datetime) -> str:
    """Send a code to the number in the form; what is said then, or nothing when it was
    refused, with the sentence at its field. The rest is not judged yet."""
    form.is_valid()
    form.errors.clear()
    who = http.resident(request)
    try:
        with transaction.atomic():  # on a demo instance read before it is sent
            phone = actions.send_code(
                number=request.POST.get("phone", ""), actor=who, at=at
            )
            shown = _shown(phone)
    except Refused as refused:
        form.add_error(refused.field if refused.field else "phone", str(refused))
        return ""
    # From here on somebody may get in: not under a session that others know.
    request.session.cycle_key()
    said = _("验证码已经发到您的手机，10 分钟内有效。")
    return said + shown


def _shown(phone: Phone) -> str:
    """On a demo instance no text message arrives: the page shows what it would say."""
    if not settings.DEMO:
        return ""
    letter = Delivery.objects.filter(subject=phone.chain).order_by("-pk").first()
    if letter is None or MARK not in letter.sealed:
        return ""
    code = crypto.unseal(letter.sealed[MARK])
    return _("（演示环境：验证码是 %(code)s）") % {"code": code}


def proven(
    request: HttpRequest, form: PhoneForm, *, purpose: str, at: datetime
) -> Phone | None:
    """The telephone behind a valid form: proven before in this browser, or by the code
    that was typed. None when the code was refused, with the sentence at its field."""
    known = http.verified_phone(request, at)
    if known is not None:
        return known
    given = form.cleaned_data
    try:
        phone = actions.verify_code(
            number=given["phone"],
            code=given["code"],
            purpose=purpose,
            actor=http.resident(request),
            at=at,
        )
    except Refused as refused:
        refused.show_in(form)
        return None
    http.remember_phone(request, phone, at)
    return phone
