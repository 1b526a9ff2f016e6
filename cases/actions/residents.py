"""What a resident does with a case number and the six digits that go with it."""

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case
from governance import crypto
from governance.errors import Refused

FAILURES = 5
LOCKED = timedelta(minutes=15)


def open_by_code(*, case_no: str, code: str, at: datetime) -> Case:
    """The case of this number, for who knows its code.

    An unknown number and a wrong code are refused in the same words. Five failures
    lock the case for 15 minutes; they are kept although the answer is a refusal.
    """
    case, refused = _tried(case_no, code, at)
    if case is None or refused is not None:
        raise refused or _unknown()
    return case


@transaction.atomic
def _tried(case_no: str, code: str, at: datetime) -> tuple[Case | None, Refused | None]:
    case = Case.objects.select_for_update().filter(case_no=case_no).first()
    if case is None:
        return None, _unknown()
    if case.code_locked_until is not None and at < case.code_locked_until:
        return None, _locked(case.code_locked_until)
    right = crypto.unseal(case.query_code)
    if right and secrets.compare_digest(right.encode(), code.encode()):
        _keep(case, 0, None)
        return case, None
    if case.code_failures + 1 >= FAILURES:
        until = at + LOCKED
        _keep(case, 0, until)
        return None, _locked(until)
    _keep(case, case.code_failures + 1, None)
    return None, _unknown()


def _keep(case: Case, failures: int, until: datetime | None) -> None:
    if (case.code_failures, case.code_locked_until) == (failures, until):
        return
    case.code_failures, case.code_locked_until = failures, until
    case.save(update_fields=["code_failures", "code_locked_until"])


def _unknown() -> Refused:
    return Refused(
        _("案卷号或查询码不正确，请对照回执再试一次。"), code="unknown", field="code"
    )


def _locked(until: datetime) -> Refused:
    return Refused(
        _("输错次数太多，请在 %(time)s 以后再试，或拨打所在社区电话查询。")
        % {"time": f"{timezone.localtime(until):%H:%M}"},
        code="locked",
        field="code",
    )
