"""验证码: six digits to a telephone, and back again (FEATURES 69).

With the number a hash is kept, the code itself only sealed in its text message until
that has gone out. A code lasts ten minutes and proves one thing. Five wrong ones lock
the number for fifteen minutes; how many are sent is limited for each number and for
each network address.
"""

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.actions.texting import mobile
from civics.actions.limits import Limit, count, keep_within, network_of, within
from civics.models import Attempt, Phone
from governance import crypto, events
from governance.errors import Refused
from parties import actions as parties
from parties.acting import Actor

LASTS = timedelta(minutes=10)
FAILURES = 5
LOCKED = timedelta(minutes=15)
MARK = "{code}"
# Of the letters with codes, and of no other to a telephone.
CODE_KEY = "resident_phone:"
SOON = gettext_lazy("验证码刚刚发出，请等 1 分钟再重新发送。")
MANY = gettext_lazy(
    "这个号码今天收到的验证码太多了，请过一会儿再试，或拨打社区电话上报。"
)
CROWD = gettext_lazy(
    "从这个网络发出的验证码太多了，请过一会儿再试，或拨打社区电话上报。"
)
GUESSED = gettext_lazy("这个网络输错验证码的次数太多，请过一个小时再试。")
OF_A_PHONE = (
    Limit(Attempt.Kind.CODE, 1, timedelta(minutes=1), SOON),
    Limit(Attempt.Kind.CODE, 5, timedelta(hours=1), MANY),
    Limit(Attempt.Kind.CODE, 10, timedelta(days=1), MANY),
)
OF_AN_ADDRESS = Limit(Attempt.Kind.CODE, 30, timedelta(hours=1), CROWD)
WRONG_OF_AN_ADDRESS = Limit(Attempt.Kind.WRONG, 30, timedelta(hours=1), GUESSED)


@transaction.atomic
def send_code(*, number: str, actor: Actor, at: datetime) -> Phone:
    """Text a new code to a mobile number; the one before it counts no more."""
    number = _mobile(number)
    phone = _phone(number, at)
    _check_lock(phone, at)
    address = network_of(actor.ip)
    for limit in OF_A_PHONE:
        keep_within(limit, phone.digest, at)
    keep_within(OF_AN_ADDRESS, address, at)
    for who in (phone.digest, address):
        count(Attempt.Kind.CODE, who, at)
    code = f"{secrets.randbelow(10**6):06d}"
    phone.code_hash, phone.used_for = _hash(phone, code), ""
    phone.code_expires_at = at + LASTS
    phone.save(update_fields=["code_hash", "used_for", "code_expires_at"])
    event = events.record(
        chain=phone.chain, action="civics.send_code", actor=actor, at=at
    )
    sent = parties.text(
        to=number,
        key=f"{CODE_KEY}{phone.pk}:{event.seq}",
        subject=phone.chain,
        title=_("手机验证码"),
        body=_("%(code)s，10 分钟内有效。工作人员不会向您索要，请勿告诉他人。")
        % {"code": MARK},
        url="",
        sealed={MARK: crypto.seal(code)},
        at=at,
        urgent=True,
    )
    if not sent:
        raise Refused(
            _(
                "本系统还没有接通短信，暂时不能发验证码。请拨打社区电话，由社区代您上报。"
            ),
            code="no_channel",
            field="phone",
        )
    return phone


def verify_code(
    *, number: str, code: str, purpose: str, actor: Actor, at: datetime
) -> Phone:
    """The telephone whose code this is; used up for all but the same `purpose`.

    Failures are kept although the answer is a refusal.
    """
    phone, refused = _tried(_mobile(number), code, purpose, actor, at)
    if phone is None or refused is not None:
        raise refused or _unsent()
    return phone


@transaction.atomic
def _tried(
    number: str, code: str, purpose: str, actor: Actor, at: datetime
) -> tuple[Phone | None, Refused | None]:
    digest, aim = crypto.fingerprint(number), crypto.fingerprint(purpose)
    phone = Phone.objects.select_for_update().filter(digest=digest).first()
    if phone is None:
        return None, _unsent()
    if phone.locked_until is not None and at < phone.locked_until:
        return phone, _locked(phone.locked_until)
    address = network_of(actor.ip)
    if not within(WRONG_OF_AN_ADDRESS, address, at):
        return phone, Refused(str(GUESSED), code="too_often", field="code")
    if not phone.code_hash or phone.used_for not in ("", aim):
        return phone, _unsent()
    if phone.code_expires_at is None or at >= phone.code_expires_at:
        return phone, Refused(
            _("验证码已过期，请重新发送。"), code="expired", field="code"
        )
    if not secrets.compare_digest(phone.code_hash, _hash(phone, code)):
        count(Attempt.Kind.WRONG, address, at)
        return phone, _failed(phone, actor, at)
    phone.used_for, phone.verified_at = aim, at
    phone.failures, phone.locked_until = 0, None
    phone.save(update_fields=["used_for", "verified_at", "failures", "locked_until"])
    return phone, None


def _failed(phone: Phone, actor: Actor, at: datetime) -> Refused:
    """Count it; the fifth locks the number and spoils its code."""
    phone.failures += 1
    if phone.failures < FAILURES:
        phone.save(update_fields=["failures"])
        return Refused(
            _("验证码不正确，还可以再试 %(n)d 次。") % {"n": FAILURES - phone.failures},
            code="wrong",
            field="code",
        )
    phone.failures, phone.locked_until = 0, at + LOCKED
    phone.code_hash = ""
    phone.save(update_fields=["failures", "locked_until", "code_hash"])
    events.record(chain=phone.chain, action="civics.lock_phone", actor=actor, at=at)
    return _locked(phone.locked_until)


def _unsent() -> Refused:
    return Refused(_("请先点“发送验证码”。"), code="no_code", field="code")


def _check_lock(phone: Phone, at: datetime) -> None:
    if phone.locked_until is not None and at < phone.locked_until:
        raise _locked(phone.locked_until)


def _locked(until: datetime) -> Refused:
    return Refused(
        _("验证码输错次数太多，请在 %(time)s 以后再试。")
        % {"time": f"{timezone.localtime(until):%H:%M}"},
        code="locked",
        field="code",
    )


def _mobile(number: str) -> str:
    found = mobile(number)
    if not found:
        raise Refused(
            _("请填写 11 位手机号码，例如 13800000000。"), code="phone", field="phone"
        )
    return found


def _phone(number: str, at: datetime) -> Phone:
    """The row of a number, locked; made when it is new."""
    digest = crypto.fingerprint(number)
    Phone.objects.get_or_create(
        digest=digest, defaults={"number": crypto.seal(number), "created_at": at}
    )
    return Phone.objects.select_for_update().get(digest=digest)


def _hash(phone: Phone, code: str) -> str:
    return crypto.fingerprint(f"{phone.digest}:{code}")
