"""A case opened by its number and the six digits that go with it."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy

from cases.actions.residents import open_by_code
from cases.models import Case
from civics.actions.limits import Limit, count, network_of, within
from civics.models import Attempt
from governance.errors import Refused
from parties.acting import Actor

WRONG_OF_AN_ADDRESS = Limit(
    Attempt.Kind.WRONG,
    30,
    timedelta(hours=1),
    gettext_lazy("这个网络输错的次数太多，请过一个小时再试，或拨打所在社区电话查询。"),
)


def open_case(*, case_no: str, code: str, actor: Actor, at: datetime) -> Case:
    """The case of this number, for who knows its code.

    Five failures lock one case (`cases.actions.residents`); a few guesses at each of
    many cases are bounded by the address they come from, and kept although the answer
    is a refusal.
    """
    found = _tried(case_no, code, network_of(actor.ip), at)
    if isinstance(found, Refused):
        raise found
    return found


@transaction.atomic
def _tried(case_no: str, code: str, address: str, at: datetime) -> Case | Refused:
    limit = WRONG_OF_AN_ADDRESS
    if not within(limit, address, at):
        return Refused(str(limit.sentence), code="too_often", field="code")
    try:
        return open_by_code(case_no=case_no, code=code, at=at)
    except Refused as refused:
        count(Attempt.Kind.WRONG, address, at)
        return refused
