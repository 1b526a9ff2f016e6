"""更正、删除诉求人的姓名和电话 on a case, at the person's own request (PIPL 46–47).

Who may ask and who may carry it out is settled above (`civics.actions.data_desk`); here
it is done, with one Event for each case, in which neither old nor new values stand.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions.contacts import contact_digest, masked_name, masked_telephone
from cases.actions.step import aside, locked
from cases.models import Case, Submission, SubmissionConflict
from governance import crypto
from governance.errors import Refused
from parties.acting import Actor

SEALED = ("complainant_name", "complainant_contact")


@transaction.atomic
def correct_complainant(
    *, case_id: int, name: str, contact: str, opinion: str, actor: Actor, at: datetime
) -> Case:
    """Another name or number; what is empty stays as it is."""
    case = locked(case_id)
    _must_be_there(case)
    changed = []
    if name.strip():
        case.complainant_name = crypto.seal(name.strip())
        changed.append("complainant_name")
    if contact.strip():
        case.complainant_contact = crypto.seal(contact.strip())
        case.complainant_digest = contact_digest(contact)
        changed += ["complainant_contact", "complainant_digest"]
    aside(
        case,
        "correct_complainant",
        actor=actor,
        at=at,
        detail={"opinion": opinion, "fields": changed},
        changed=changed,
    )
    return case


@transaction.atomic
def erase_complainant(
    *, case_id: int, opinion: str, actor: Actor, at: datetime
) -> Case:
    """Name, number and the code to look it up are gone, and the number is covered in
    the words; the rest is the file, which the law on archives keeps."""
    case = locked(case_id)
    _must_be_there(case)
    if case.is_open:
        raise Refused(_("案件还在办理，办结以后才能删除姓名和电话。"), code="state")
    _empty_submissions(case)
    case.description = _covered(case.description, case)
    case.address = _covered(case.address, case)
    case.complainant_name = case.complainant_contact = ""
    case.complainant_digest = case.query_code = ""
    aside(
        case,
        "erase_complainant",
        actor=actor,
        at=at,
        detail={"opinion": opinion},
        changed=(
            "description", "address", *SEALED, "complainant_digest", "query_code",
        ),
    )  # fmt: skip
    return case


def _must_be_there(case: Case) -> None:
    if not case.complainant_contact:
        raise Refused(_("姓名和电话已按本人要求删除。"), code="erased")


def _covered(text: str, case: Case) -> str:
    number = crypto.unseal(case.complainant_contact)
    name = crypto.unseal(case.complainant_name)
    text = text.replace(number, masked_telephone(number))
    return text.replace(name, masked_name(name)) if len(name) > 2 else text


def _empty_submissions(case: Case) -> None:
    """What clients sent is kept beside the case; there as well."""
    own = list(Submission.objects.select_for_update().filter(case=case))
    both: list[Any] = [*own, *SubmissionConflict.objects.filter(submission__in=own)]
    for one in both:
        for name in SEALED:
            if name in one.body:
                one.body[name] = ""
        for name in ("description", "address"):
            if name in one.body:
                one.body[name] = _covered(str(one.body[name]), case)
        one.save(update_fields=["body"])
