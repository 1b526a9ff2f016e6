"""归档 (DOMAIN C.3, T46): only a complete file, once the time to object is over.

A file that lacks something stays closed. Who closed it is told once what is missing and
has it on the desk; what cannot be made up for any more is explained in words, and the
file is archived by itself then.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.actions import clocks
from cases.actions.step import Holder, advance, attach_photos, locked, note, require
from cases.models import Case, Category, Photo
from cases.workflow import (
    PHOTO_GAPS,
    TRANSITIONS,
    WORDS,
    Action,
    Stage,
    State,
    Who,
    find,
    keeper_of,
    stands,
)
from governance.errors import Refused
from governance.models import Event
from parties.acting import Actor

BEFORE = {Photo.Stage.REPORT, Photo.Stage.BEFORE, Photo.Stage.VERIFY}
# Those who report without a photo (`filing`); nobody took one of the spot then.
MAY_LACK_PHOTO = (Case.Source.RESIDENT, Case.Source.HOTLINE, Case.Source.DEVICE)
STAGE_OF = {
    "photo_before": Photo.Stage.BEFORE,
    "photo_after": Photo.Stage.AFTER,
    "photo_check": Photo.Stage.CHECK,
}
# 立案: these steps choose the filing condition.
FILING = {
    "cases.accept", "cases.send_down", "cases.handle_at_street", "cases.whistle",
}  # fmt: skip
ASKS_WORDS = {row.id for row in TRANSITIONS if {"opinion", "measures"} & set(row.needs)}


@transaction.atomic
def archive(*, case_id: int, actor: Actor, at: datetime) -> Case:
    """归档 (T46), when the time to wait is over and nothing is missing."""
    case = locked(case_id)
    if case.state == State.CLOSED:
        case.file_gaps = " ".join(gaps_of(case))
    transition = find(case, Action.ARCHIVE, actor)
    window = case.clocks.filter(stage=Stage.ARCHIVE_AFTER, stopped_at=None).first()
    if window is not None and window.due_at is not None and at < window.due_at:
        until = timezone.localtime(window.due_at).strftime("%Y-%m-%d %H:%M")
        raise Refused(
            _("结案后的等待期到 %(until)s 为止，届时自动归档。") % {"until": until},
            code="window",
        )
    advance(case, transition, actor=actor, at=at, holder=Holder(None))
    return case


@transaction.atomic
def archive_or_list(*, case_id: int, at: datetime) -> None:
    """What the end of the waiting time does: archive, or say once what is missing."""
    case = locked(case_id)
    gaps = gaps_of(case)
    if not gaps:
        archive(case_id=case_id, actor=Actor.system(), at=at)
    elif not case.file_gaps:
        case.file_gaps = " ".join(gaps)
        note(
            case,
            "list_gaps",
            actor=Actor.system(),
            at=at,
            detail={"gaps": gaps},
            tell=("file_keepers",),
        )


def may_complete_file(case: Case, actor: Actor, at: datetime) -> None:
    """The desk that closed the case, while its file was found to lack something."""
    if case.state != State.CLOSED or not case.file_gaps:
        raise Refused(_("本案案卷没有要补全的内容。"), code="state")
    if not stands(Who(keeper_of(case)), case, actor):
        raise Refused(_("案卷由结案的社区受理岗或街道受理员补全。"), code="role")


@transaction.atomic
def complete_file(
    *,
    case_id: int,
    opinion: str,
    photos: str | None,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Case:
    """补全案卷: add the first photo that is missing, or say why there is none; words
    that are missing are made up for by `opinion`. One kind of photo at a time."""
    case = locked(case_id, version)
    may_complete_file(case, actor, at)
    require({"opinion": opinion}, {"opinion": _("请写明补了什么；补不了的写明原因。")})
    codes = case.file_gaps.split()
    first = next((code for code in codes if code in PHOTO_GAPS), None)
    added = bool(first) and attach_photos(
        case=case,
        batch=photos,
        stage=STAGE_OF[first or ""],
        actor=actor,
        least=0,
        field="photos",
    )
    explained = [one for one in codes if one not in PHOTO_GAPS]
    explained += [first] if first and not added else []
    left = [one for one in codes if one in PHOTO_GAPS and one != first]
    case.file_gaps = " ".join(left)
    note(
        case,
        "complete_file",
        actor=actor,
        at=at,
        detail={
            "opinion": opinion,
            "completed": [first] if first and added else [],
            "explained": explained,
            "gaps": left,
        },
        ticking=None if left else clocks.watch_again(case, Stage.ARCHIVE_AFTER, at),
    )
    return case


def gaps_of(case: Case) -> list[str]:
    """What the file of a closed case lacks, by the codes of `workflow.files`, without
    what somebody has explained since."""
    steps = list(
        Event.objects.filter(chain=case.chain, detail__has_key="transition")
        .order_by("seq")
        .values_list("action", "detail")
    )
    taken = {action for action, _detail in steps}
    found = _photo_gaps(case, taken)
    if case.condition_id is None and FILING & taken:
        found.append("condition")
    found += _word_gaps(steps)
    if _is_broken(case, [detail for _action, detail in steps]):
        found.append("steps")
    explained = _explained(case)
    return [code for code in found if code not in explained]


def _photo_gaps(case: Case, taken: set[str]) -> list[str]:
    """照片: of the spot before, where the standard asks for one and whoever reported
    had to take it; of the spot afterwards; and of the check, where there was one."""
    stages = set(case.photos.values_list("stage", flat=True))
    optional = case.category.photo_rule == Category.PhotoRule.OPTIONAL
    found = []
    if not (optional or case.source in MAY_LACK_PHOTO or BEFORE & stages):
        found.append("photo_before")
    if Photo.Stage.AFTER not in stages:
        found.append("photo_after")
    if "cases.confirm_check" in taken and Photo.Stage.CHECK not in stages:
        found.append("photo_check")
    return found


def _word_gaps(steps: list[tuple[str, dict[str, str]]]) -> list[str]:
    """意见: each step that the table asks for words has them."""
    silent = (
        f"{WORDS}{action.removeprefix('cases.')}"
        for action, detail in steps
        if detail["transition"] in ASKS_WORDS
        and not str(detail.get("opinion") or "").strip()
    )
    return list(dict.fromkeys(silent))


def _is_broken(case: Case, steps: list[dict[str, str]]) -> bool:
    """流程记录: each step begins where the one before it ended, the last at the end."""
    ends = [State.DRAFT, *(one["to"] for one in steps)]
    begins = [*(one["from"] for one in steps), case.state]
    return ends != begins


def _explained(case: Case) -> set[str]:
    """What was explained since it was closed for the last time."""
    done = Event.objects.filter(chain=case.chain, action="cases.complete_file")
    if case.closed_at is not None:
        done = done.filter(at__gte=case.closed_at)
    codes = done.values_list("detail__explained", flat=True)
    return {code for explained in codes for code in explained or ()}
