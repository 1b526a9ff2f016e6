"""Everything people do with a case, each with arguments that would be right.

Whether it may be done, the table and the guards say. Used by the tests that try all of
it: from every state by every role, and in random walks.
"""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from cases import actions
from cases.models import Case, Photo
from cases.workflow import TRANSITIONS
from parties.acting import Actor
from tests.cases.conftest import MONDAY_9, World, spot

# What meets a guard when it is given with the step, as it is below.
SAID = {guard.unless for row in TRANSITIONS for guard in row.guards if guard.unless}
Deed = Callable[[Actor], Any]
Pictured = Callable[..., str]


def snapshots(actor: Actor, *stages: str, at: datetime = MONDAY_9) -> str:
    """A batch with one photo of each stage, as if uploaded; no picture is drawn."""
    batch = uuid.uuid4()
    for stage in stages:
        Photo.objects.create(
            pk=uuid.uuid4(), batch=batch, stage=stage, user_id=actor.user_id,
            user_name=actor.name, sha256=uuid.uuid4().hex, original="o", served="s",
            thumb="t", width=1, height=1, size=1, received_at=at,
        )  # fmt: skip
    return str(batch)


def condition_of(case: Case) -> int:
    """The first filing condition of its category."""
    found = case.category.conditions.filter(is_active=True, is_unparsed=False)
    return found.order_by("order", "pk").values_list("pk", flat=True)[0]


def master_of(case: Case) -> int:
    """Another open case of the same kind, or none."""
    found = Case.objects.filter(category=case.category_id).exclude(pk=case.pk)
    return found.order_by("pk").values_list("pk", flat=True).first() or 0


def deeds(
    world: World,
    case: Case,
    at: datetime = MONDAY_9,
    pictured: Pictured = snapshots,
) -> dict[str, Deed]:
    """Each action with arguments that would be right if the table allowed it."""
    urban = actions.Call(
        kind="routine",
        called=(actions.Called(world.orgs["urban"].pk, "lead", "处置"),),
        condition_id=condition_of(case),
        legal_basis="城市管理条例第五条",
    )
    common = {"case_id": case.pk, "at": at}
    said = {**common, "opinion": "同意办理"}
    condition = {"condition_id": condition_of(case)}
    worker = {"worker_id": world.user_id("grid_b"), "requirement": "看一看"}
    done = {"measures": "清理", "photos": "after"}
    ruled = {**common, "ruling": "属其职责"}
    account = {"matter": "跨街道", "work_done": "已会商", "proposal": "请区级派遣"}

    def call(name: str, **given: Any) -> Deed:
        def done(actor: Actor) -> Any:
            sent = dict(given)
            if "photos" in sent:
                sent["photos"] = pictured(actor, sent["photos"], at=at)
            return getattr(actions, name)(**sent, actor=actor)

        return done

    return {
        "self_resolve": call("self_resolve", **common),
        "finish_self": call("finish_self", **common, **done),
        "hand_up": call("hand_up", **said),
        "approve_self": call("approve_self", **said),
        "return_self": call("return_self", **said),
        "send_to_verify": call(
            "send_to_verify", **common, **worker, missing="看不出数量"
        ),
        "submit_verification": call(
            "submit_verification", **common, result="untrue", remark="没有",
            position=spot(), photos="verify",
        ),
        "accept": call(
            "accept", **common, **condition,
            handler_id=world.user_id("community_handler"),
        ),
        "raise_to_street": call("raise_to_street", **said),
        "reject": call("reject", **said, reason="not_ours"),
        "merge": call("merge", **said, master_id=master_of(case), confirmed=True),
        "transfer": call("transfer", **said, destination="110", receipt="1"),
        "submit_result": call("submit_result", **common, **done, result="solved"),
        "send_down": call(
            "send_down", **said, **condition, list_item="社区事项清单第三条",
        ),
        "handle_at_street": call(
            "handle_at_street", **said, **condition,
            organisation_id=world.orgs["station"].pk,
        ),
        "whistle": call("whistle", **common, call=urban),
        "check_in": call(
            "check_in", **common, mode="on_site", position=spot(), remark="",
        ),
        "feed_back": call("feed_back", **common, **done, result="solved", override=""),
        "send_to_check": call("send_to_check", **common, **worker),
        "return_result": call("return_result", **said),
        "confirm_check": call("confirm_check", **said, closing_met=True),
        "rework": call("rework", **said),
        "rate": call(
            "rate", **common, score="satisfied", solved=True, comment="",
            channel="portal",
        ),
        "rework_after_rating": call("rework_after_rating", **said, call_back="已回访"),
        "close_despite": call("close_despite", **said, reply="书面答复"),
        "archive": call("archive", **common),
        "reconsider": call("reconsider", **said),
        "split": call("split", **said),
        "reopen": call("reopen", **said, photos="reopen"),
        "void": call("void", **said),
        "withdraw": call("withdraw", **said),
        "escalate_to_district": call(
            "escalate_to_district", **common, **account, reason="cross_street",
        ),
        "dispute": call(
            "dispute", **said, reason="other_unit", legal_basis="建筑法第七条",
            suggested="区住建局", suggested_organisation_id=None,
        ),
        "reassign": call("reassign", **ruled, call=urban),
        "uphold": call("uphold", **ruled),
        "take_over": call(
            "take_over", **ruled, organisation_id=world.orgs["station"].pk,
        ),
        "refer_to_district": call(
            "refer_to_district", **common, reason="not_accepted", focus="谁主办",
            positions="各执一词", proposal="请区级裁定",
        ),
        "dispatch_by_ruling": call(
            "dispatch_by_ruling", **ruled, call=urban, days=None,
        ),
        "send_back_to_street": call("send_back_to_street", **said),
        "escalate_to_city": call("escalate_to_city", **common, **account),
        "send_down_to_district": call("send_down_to_district", **said, days=2),
        "escalate_dissatisfied": call("escalate_dissatisfied", **said),
        "suspend": call("suspend", **said),
        "resume_handling": call("resume_handling", **said),
    }  # fmt: skip


def side_deeds(
    world: World,
    case: Case,
    at: datetime = MONDAY_9,
    pictured: Pictured = snapshots,
) -> dict[str, Deed]:
    """What changes no state; the row each is about is the newest there is."""
    common = {"case_id": case.pk, "at": at}
    said = {**common, "opinion": "情况属实"}
    decided = {**said, "decision": "approve"}
    line = case.assignments.order_by("-pk").first()
    draft = case.whistles.filter(status="draft").first()
    blown = case.whistles.filter(status="blown").order_by("-pk").first()

    def call(name: str, **given: Any) -> Deed:
        def done(actor: Actor) -> Any:
            sent = dict(given)
            if "photos" in sent:
                sent["photos"] = pictured(actor, sent["photos"], at=at)
            return getattr(actions, name)(**sent, actor=actor)

        return done

    return {
        "sign_whistle": call(
            "sign_whistle", **common, whistle_id=draft.pk if draft else 0
        ),
        "withdraw_whistle": call(
            "withdraw_whistle", **said, whistle_id=draft.pk if draft else 0
        ),
        "confirm_whistle": call(
            "confirm_whistle", **common, whistle_id=blown.pk if blown else 0
        ),
        "finish_support": call("finish_support", **said, photos="after"),
        "submit_check": call(
            "submit_check", **common, result="passed", remark="已看", position=spot(),
            photos="check",
        ),
        "fail_check": call(
            "submit_check", **common, result="failed", remark="没办好",
            position=spot(), photos="check",
        ),
        "support": call("support", **common, remark="我也遇到"),
        "ask_again": call("ask_again", **common, words="又出现了"),
        "dissatisfied": call(
            "rate", **common, score="dissatisfied", solved=False, comment="没办好",
            channel="portal",
        ),
        "call_back": call(
            "call_back", **common, method="phone", result="unsolved", satisfied=False,
            words="电话回访",
        ),
        "log_contact": call("log_contact", **common, method="phone", words="已联系"),
        "claim": call("claim", **common),
        "release": call("release", **said),
        "replace_worker": call(
            "replace_worker", **said, worker_id=world.user_id("grid_b")
        ),
        "add_note": call("add_note", **said),
        "note_incoming": call("note_incoming", **said, revision=2),
        "supplement": call("supplement", **said, origin="随手拍", photos="evidence"),
        "complete_file": call("complete_file", **said, photos="before"),
        "request_void": call("request_void", **said, reason="test"),
        "refuse_void": call("refuse_void", **said),
        "request_extension": call("request_extension", **common, reason="等材料"),
        "review_extension": call("review_extension", **decided),
        "withdraw_extension": call("withdraw_extension", **common),
        "request_suspension": call(
            "request_suspension", **common, ground="plan", reason="列入改造计划",
            resume_date=(at + timedelta(days=20)).date(), safety_measure="已围挡",
            photos="evidence",
        ),
        "review_suspension": call("review_suspension", **decided),
        "reject_suspension": call("reject_suspension", **said),
        "appeal_overdue": call("appeal_overdue", **common, reason="等待供货"),
        "review_appeal": call("review_appeal", **decided),
        "answer_supervision": call("answer_supervision", **common, reply="已整改"),
        "accept_supervision": call("accept_supervision", **said),
        "return_supervision": call("return_supervision", **said),
        "supervise": call("supervise", **said),
        "urge": call("urge", **said),
        "arrive": call("arrive", **common, position=spot(), photos="check_in"),
        "add_support": call(
            "add_support", **common, task="配合",
            organisation_id=world.orgs["property"].pk,
        ),
        "call_off": call(
            "call_off", **said, assignment_id=line.pk if line else 0
        ),
        "score_unit": call(
            "score_unit", **common, assignment_id=line.pk if line else 0, score=4,
            remark="及时",
        ),
    }  # fmt: skip
