"""Templates of the demo city, for opinions inside and for what residents read."""

from datetime import datetime

from cases.actions.phrases import Wording, write_phrase
from cases.models import Phrase
from parties.acting import Actor
from parties.models import Posting
from parties.roles import Role

PHRASES = (
    ("限期办结", "请{承办单位}于{时限}前办结{编号}，并上传处置后照片。", "internal"),
    (
        "到场处置",
        "{今天}到达{地址}，已当场处置，现场恢复原状，处置前后照片已上传。",
        "internal",
    ),
    ("请补充材料", "{编号}缺少处置后照片和处置经过，请补充后重新提交。", "internal"),
    ("协办完成", "{单位}已按要求配合完成{地址}的处置，无遗留问题。", "internal"),
    (
        "不予受理告知",
        "您好！您反映的{类别}问题（{编号}）经核实不属于受理范围。"
        "如有异议，可向{社区}或街道申请复核。",
        "public",
    ),
    (
        "书面答复",
        "您好！您反映的{地址}{类别}问题（{编号}）已由{承办单位}处置，感谢您的监督。",
        "public",
    ),
)


def build_phrases(*, at: datetime) -> None:
    """For all, by the system administrator; nothing when there are any."""
    if Phrase.objects.exists():
        return
    posts = Posting.objects.current(at).holding(Role.SYSTEM_ADMIN).with_post()
    actor = Actor.of(posts.order_by("pk")[0])
    for title, text, audience in PHRASES:
        wording = Wording(scope="all", title=title, text=text, audience=audience)
        write_phrase(wording=wording, actor=actor, at=at)
