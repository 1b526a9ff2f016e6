"""The living style page: every piece as the pages use it, from the real templates."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from cases.forms.style import EveryFieldForm
from cases.lamps import Lamp
from cases.workflow import JOURNEY, State
from governance import clock
from parties import http

COLOURS = (
    (_("文字与底色"), ("ink", "quiet", "paper", "surface", "sunken", "line")),
    (_("主色"), ("primary", "primary-deep", "primary-soft", "fill", "accent")),
    (_("状态"), ("green", "blue", "yellow", "orange", "red", "violet", "grey")),
)
TONES = (
    ("info", _("已保存，可以继续填写。")),
    ("success", _("“吹哨”已办理。")),
    ("warning", _("附近可能已有人报过，请先看一眼。")),
    ("error", _("还有几处要补充，填好的内容和照片都在。")),
)
BUTTONS = (
    ("btn-primary", _("签发吹哨单")),
    ("", _("取消")),
    ("btn-returning", _("退回")),
    ("btn-danger", _("撤销任务")),
    ("btn-outline-primary", _("就是同一件，附和")),
    ("btn-ghost-secondary", _("全部标为已读")),
)
ICONS = (
    "urgent", "alarm", "bell", "camera", "camera-plus", "check", "checks",
    "chevron-left", "chevron-right", "clipboard-check", "copy", "current-location",
    "download", "gavel", "info-circle", "lock", "map-pin", "phone", "plus", "printer",
    "scale", "search", "send", "signature", "speakerphone", "upload", "users-group",
    "walk", "x",
)  # fmt: skip
LAMPS = (
    ("green", _("剩 3 工作日"), 72),
    ("blue", _("剩 6 工作时"), 6),
    ("yellow", _("剩 2 工作时"), 2),
    ("red", _("超 1 工作日"), -24),
    ("paused", _("暂停计时"), 24),
)
EVENTS = (
    (_("签发吹哨单"), timedelta(minutes=4), _("和平街道 · 街道值班领导"), ""),
    (_("上呈街道"), timedelta(hours=5), _("幸福社区 · 社区受理员"),
     _("社区没有处置权限，请街道协调。")),
    (_("上报"), timedelta(days=2), _("幸福社区 · 网格员甲"), ""),
)  # fmt: skip


@require_GET
def style(request: HttpRequest) -> HttpResponse:
    http.actor(request)
    at = clock.now()
    context: dict[str, Any] = {
        "colours": COLOURS,
        "tones": TONES,
        "buttons": BUTTONS,
        "icons": ICONS,
        "states": [(state.value, state.label) for state in State],
        "form": EveryFieldForm(auto_id="style-%s"),
        "faulty": EveryFieldForm({}, auto_id="faulty-%s"),
        "lamps": [
            Lamp(colour, str(text), str(_("处置")), at + timedelta(hours=hours))
            for colour, text, hours in LAMPS
        ],
        "events": [
            SimpleNamespace(verb=verb, at=at - ago, by=by, opinion=opinion)
            for verb, ago, by, opinion in EVENTS
        ],
        "many": range(300),
        "soon": at + timedelta(hours=3),
        "journey": [
            (label, "done" if place < 2 else "now" if place == 2 else "ahead")
            for place, (label, _states) in enumerate(JOURNEY)
        ],
    }
    return render(request, "cases/style.html", context)
