"""What an administrator sets of the board: the boards, their categories, the rule."""

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from governance import events
from governance.errors import Refused
from oversight.models import Board, BoardCode, BoardRule
from parties.acting import Actor
from parties.roles import Role

BOARDS = Path(__file__).parents[1] / "data" / "boards.json"


@transaction.atomic
def install_boards(*, actor: Actor, at: datetime) -> None:
    """The four boards of DOMAIN D.2 with their usual categories, where none are."""
    _require_administrator(actor)
    if Board.objects.exists():
        return
    for order, row in enumerate(json.loads(BOARDS.read_text(encoding="utf-8"))):
        board = Board.objects.create(
            name=row["name"],
            order=order,
            shows_party_work=row.get("shows_party_work", False),
        )
        BoardCode.objects.bulk_create(
            BoardCode(board=board, kind=kind, code=code)
            for kind, codes in row["codes"].items()
            for code in codes
        )
        _record("install_board", board, actor, at, {"codes": row["codes"]})


@transaction.atomic
def save_board(*, board: Board, actor: Actor, at: datetime) -> Board:
    """Write a new or changed board; its categories are `set_codes`."""
    _require_administrator(actor)
    before = Board.objects.filter(pk=board.pk).values("name", "order").first()
    board.save()
    after = {"name": board.name, "order": board.order}
    _record("save_board", board, actor, at, {"before": before, "after": after})
    return board


@transaction.atomic
def set_codes(
    *, board_id: int, codes: Iterable[tuple[str, str]], actor: Actor, at: datetime
) -> None:
    """Exactly these (kind, code) belong to the board; each stands on one board only."""
    _require_administrator(actor)
    board = Board.objects.select_for_update().get(pk=board_id)
    wanted = set(codes)
    before = set(board.codes.values_list("kind", "code"))
    taken = BoardCode.objects.exclude(board=board).filter(
        code__in=[code for _kind, code in wanted]
    )
    for other in taken.select_related("board"):
        if (other.kind, other.code) in wanted:
            raise Refused(
                _("%(code)s 已经归入“%(board)s”，请先在那里去掉。")
                % {"code": other, "board": other.board},
                code="taken",
                field="code",
            )
    for kind, code in before - wanted:
        board.codes.filter(kind=kind, code=code).delete()
    BoardCode.objects.bulk_create(
        BoardCode(board=board, kind=kind, code=code)
        for kind, code in sorted(wanted - before)
    )
    if wanted != before:
        _record(
            "set_codes", board, actor, at,
            {"before": sorted(before), "after": sorted(wanted)},
        )  # fmt: skip


@transaction.atomic
def set_board_rule(
    *, repeats: int, repeat_days: int, least_sample: int, actor: Actor, at: datetime
) -> BoardRule:
    """From how many cases in how many days, and from which sample on (FEATURES 64)."""
    _require_administrator(actor)
    if repeats < 2:
        raise Refused(_("同点同类至少 2 件才算多发。"), field="repeats")
    if min(repeat_days, least_sample) < 1:
        raise Refused(_("天数和件数至少为 1。"), field="repeat_days")
    before = BoardRule.objects.values("repeats", "repeat_days", "least_sample").first()
    after = {
        "repeats": repeats, "repeat_days": repeat_days, "least_sample": least_sample,
    }  # fmt: skip
    rule, _created = BoardRule.objects.select_for_update().update_or_create(
        only=True, defaults=after
    )
    events.record(
        chain="board_rule",
        action="oversight.set_board_rule",
        actor=actor,
        at=at,
        detail={"before": before, "after": after},
    )
    return rule


def _require_administrator(actor: Actor) -> None:
    if not actor.is_system and actor.role != Role.SYSTEM_ADMIN:
        raise Refused(_("只有系统管理员可以设置看板。"), code="role")


def _record(
    verb: str, board: Board, actor: Actor, at: datetime, detail: dict[str, Any]
) -> None:
    events.record(
        chain=f"board:{board.pk}",
        action=f"oversight.{verb}",
        actor=actor,
        at=at,
        detail={"board": board.name, **detail},
    )
