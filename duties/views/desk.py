"""Tasks at the desk and in the inbox: lists, the paper, its tree, one receiver."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from cases.story.timeline import person
from duties import actions
from duties.forms.compose import ComposeForm, QuestionFormSet, questions_of
from duties.models import Task, TaskReceiver, VisitRecord
from duties.views.steps import RECEIVER_STEPS, TASK_STEPS, visible_receiver
from duties.workflow import (
    ANSWERED,
    DRAFTERS,
    RECEIVER_TRANSITIONS,
    TASK_TRANSITIONS,
    Action,
    ReceiverState,
    Transition,
    allowed,
)
from governance import clock
from governance.errors import Refused
from governance.models import Event
from parties import http
from parties.acting import Actor

PAGE = 30
LISTS = {
    "todo": gettext_lazy("待我办"),
    "review": gettext_lazy("待我验收"),
    "issued": gettext_lazy("本单位下发"),
    "all": gettext_lazy("全部"),
}


@dataclass
class Counts:
    """应签收, 已签收, 已反馈, 已验收, 逾期 of some receivers (DOMAIN C.8)."""

    expected: int = 0
    signed: int = 0
    answered: int = 0
    accepted: int = 0
    overdue: int = 0

    def add(self, receiver: TaskReceiver) -> None:
        self.expected += 1
        self.signed += receiver.signed_at is not None
        self.answered += receiver.state in ANSWERED
        self.accepted += receiver.state == ReceiverState.ACCEPTED
        self.overdue += receiver.overdue_at is not None


@dataclass
class Node:
    """A receiver in the tree; `counts` are of those it passed the task on to."""

    receiver: TaskReceiver
    depth: int
    is_late: bool
    counts: Counts = field(default_factory=Counts)
    children: list["Node"] = field(default_factory=list)
    offers: list[Transition] = field(default_factory=list)


def tree(
    receivers: list[TaskReceiver], root: int | None, who: Actor, at: datetime
) -> tuple[list[Node], Counts]:
    """The nodes below `root` in the order of a page, and the counts of its children.

    Without a root the highest that the reader sees are at the top.
    """
    nodes = {one.pk: Node(one, 0, one.is_late(at)) for one in receivers}
    top, total = [], Counts()
    for node in nodes.values():
        receiver = node.receiver
        node.offers = offered(receiver, who, at)
        highest = root is None and receiver.parent_id not in nodes
        if receiver.parent_id == root or highest:
            top.append(node)
            total.add(receiver)
        elif receiver.parent_id in nodes:
            above = nodes[receiver.parent_id]
            above.children.append(node)
            above.counts.add(receiver)
    return _flat(top, 0), total


def _flat(nodes: list[Node], depth: int) -> list[Node]:
    found = []
    for node in nodes:
        node.depth = depth
        found += [node, *_flat(node.children, depth + 1)]
    return found


def offered(receiver: TaskReceiver, who: Actor, at: datetime) -> list[Transition]:
    """The buttons of a receiver that open a step."""
    rows = allowed(RECEIVER_TRANSITIONS, receiver, who, at)
    return [row for row in rows if row.action in RECEIVER_STEPS]


@require_GET
def tasks(request: HttpRequest) -> HttpResponse:
    """What waits for me, what my unit sent down, and what runs in my area."""
    who, at = http.actor(request), clock.now()
    which = _which(request)
    context: dict[str, Any] = {
        "lists": LISTS,
        "which": which,
        "may_draft": who.role in DRAFTERS,
        "most": PAGE,
        "at": at,
    }
    if which in ("todo", "review"):
        context["receivers"] = [
            (one, one.is_late(at)) for one in _receivers(which, who)[:PAGE]
        ]
    else:
        context |= _task_page(request, which, who)
    return render(request, "duties/desk/tasks.html", context)


def _receivers(which: str, who: Actor) -> Any:
    if which == "todo":
        return TaskReceiver.objects.addressed_to(who).waiting().with_names()
    return TaskReceiver.objects.to_accept(who).with_names().order_by("due_at", "id")


def _task_page(request: HttpRequest, which: str, who: Actor) -> dict[str, Any]:
    found = _tasks(which, who).with_names()
    if (before := http.number_in(request, "before")) is not None:
        found = found.filter(pk__lt=before)
    page = list(found[: PAGE + 1])
    older = page[PAGE - 1].pk if len(page) > PAGE else None
    url = f"?list={which}&before={older}" if older else ""
    return {"tasks": page[:PAGE], "older_url": url}


def _tasks(which: str, who: Actor) -> Any:
    found = Task.objects.visible_to(who).with_counts().newest()
    return found.filter(issuer_id=who.organisation_id) if which == "issued" else found


def listed(request: HttpRequest) -> tuple[Any, Any]:
    """The label of the list in the address, and all its tasks or receivers."""
    which, who = _which(request), http.actor(request)
    found = _receivers if which in ("todo", "review") else _tasks
    return LISTS[which], found(which, who)


def _which(request: HttpRequest) -> str:
    which = request.GET.get("list", "todo")
    return which if which in LISTS else "todo"


@never_cache
def compose(request: HttpRequest) -> HttpResponse:
    """拟稿; without admission the refusal comes with a link to the application."""
    who, at = http.actor(request), clock.now()
    if who.role not in DRAFTERS:
        raise Refused(_("您当前的岗位不下发任务。"), code="role")
    given = request.POST if request.method == "POST" else None
    form = ComposeForm(given, actor=who, at=at)
    questions = QuestionFormSet(given, prefix="q")
    apply_url = ""
    if given is not None and form.is_valid() and questions.is_valid():
        try:
            task = actions.draft_task(
                paper=form.paper(questions_of(questions)), actor=who, at=at
            )
        except Refused as refused:
            form.refuse(refused.field, str(refused))
            if refused.code == "not_admitted":
                apply_url = reverse("admission_apply")
        else:
            messages.success(request, _("已存为拟稿，签发后下发。"))
            return redirect("duty_task", task.pk)
    context = {"form": form, "questions": questions, "apply_url": apply_url}
    status = 422 if form.is_bound else 200
    return render(request, "duties/desk/compose.html", context, status=status)


@require_GET
def task(request: HttpRequest, task_id: int) -> HttpResponse:
    """The paper and the tree of those who received it, as far as the reader sees it."""
    who, at = http.actor(request), clock.now()
    found = get_object_or_404(Task.objects.visible_to(who).with_names(), pk=task_id)
    seen = TaskReceiver.objects.visible_to(who).of_task(found.pk)
    nodes, counts = tree(list(seen), None, who, at)
    rows = allowed(TASK_TRANSITIONS, found, who, at)
    context = {
        "task": found,
        "nodes": nodes,
        "counts": counts,
        "offers": [row for row in rows if row.action in TASK_STEPS],
        "events": events_of(found.chain),
    }
    return render(request, "duties/desk/task.html", context)


@require_GET
def receiver(request: HttpRequest, receiver_id: int) -> HttpResponse:
    """One receiver: what is asked, those below it, what was brought back."""
    who, at = http.actor(request), clock.now()
    found = visible_receiver(who, receiver_id)
    below = TaskReceiver.objects.visible_to(who).of_task(found.task_id)
    nodes, counts = tree(list(below), found.pk, who, at)
    rows = allowed(RECEIVER_TRANSITIONS, found, who, at)
    context = {
        "receiver": found,
        "task": found.task,
        "is_late": found.is_late(at),
        "nodes": nodes,
        "counts": counts,
        "offers": [row for row in rows if row.action in RECEIVER_STEPS],
        "may_record": any(row.action == Action.RECORD for row in rows),
        "records": list(
            VisitRecord.objects.visible_to(who).filter(receiver=found).newest()
        ),
        "events": events_of(found.chain),
    }
    return render(request, "duties/desk/receiver.html", context)


def events_of(chain: str) -> list[dict[str, Any]]:
    """What happened, newest first, in words."""
    found = Event.objects.filter(chain=chain).order_by("-seq")
    return [
        {
            "verb": _verb(event.action),
            "at": event.at,
            "by": person(event.actor),
            "opinion": event.detail.get("opinion") or event.detail.get("reason", ""),
        }
        for event in found
    ]


OWN_WORDS = {
    "draft_task": gettext_lazy("拟稿"),
    "report_situation": gettext_lazy("报送情况"),
    "report_incident_case": gettext_lazy("险情上报为案件"),
    "follow_up": gettext_lazy("调解协议回访下发"),
    "open_mediation": gettext_lazy("开始调解"),
    "record_session": gettext_lazy("记录调解会"),
    "sign_agreement": gettext_lazy("签订协议"),
    "rate_party": gettext_lazy("当事人评价"),
    "reveal_parties": gettext_lazy("查看当事人完整信息"),
    "mark_overdue": gettext_lazy("逾期"),
    "report_finding": gettext_lazy("异常上报为案件"),
    "apply_for_admission": gettext_lazy("申请准入"),
    "register_care_target": gettext_lazy("登记"),
    "review_care_target": gettext_lazy("复核"),
    "end_care_target": gettext_lazy("退出服务"),
    "reveal_care_target": gettext_lazy("查看完整信息"),
    "start_patrol": gettext_lazy("开始巡查"),
    "end_patrol": gettext_lazy("结束巡查"),
}


def _verb(action: str) -> Any:
    name = action.removeprefix("duties.")
    return OWN_WORDS.get(name) or Action(name).label
