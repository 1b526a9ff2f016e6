"""How alike two messages are, and whether two cases are likely the same matter.

Pure Python: no queries, no models. The measure was chosen, and its threshold set, on
real messages labelled by hand; docs/duplicates.md has the figures and how to repeat
them.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

# A message names its place and its matter at the start; what follows is the story.
READ_CHARACTERS = 120
# Two characters of a place name say more than two characters of a complaint.
PLACE_WEIGHT = 2.0
# The best F1 on half of 433 real pairs labelled by hand: docs/duplicates.md.
LIKE = 0.20

# Said in every message, whatever it is about: courtesy, demands, the official tone.
_BOILERPLATE = """
尊敬的 尊敬 敬爱的 亲爱的 各位 您好 你好 大家好 谢谢 感谢 拜谢 敬礼 此致
请问 咨询 希望 盼望 恳请 恳求 请求 求助 强烈 要求 呼吁 投诉 反映 反应 举报
建议 盼 望 请 相关部门 有关部门 职能部门 部门 领导 市委 政府 书记 市长 县委
局长 百忙之中 问题 情况 事情 我是 我们是 我们 本人 一名 业主 居民 市民
老百姓 百姓 群众 广大 为什么 为何 怎么 如何 是否 能否 可否 什么时候 何时
有何 具体 政策 行动 行为 尽快 尽早 及时 立即 马上 加快 解决 处理 处置 整治
整改 查处 治理 落实 给予 答复 回复 非常 特别 极其 十分 极大 严重 影响 导致
造成 正常 生活 多次 一直 长期 经常 至今 目前 现在 近期 最近 每天 刻不容缓
大背景下 在国家 大力 倡导 力度 步伐 建设 地处 作为 以及 因为 所以 但是 而且
可是 如果 已经 没有 不能 可以 这个 这样 这种 一个 就是 还是 附近 旁边 周边
周围 里面 位于
"""
_SAID_ALWAYS = re.compile("|".join(sorted(_BOILERPLATE.split(), key=len, reverse=True)))
_RUN = re.compile(r"[\u4e00-\u9fff]+|[a-z0-9]+")
_PLACE = re.compile(
    ".{0,3}(?:小区|社区|公寓|大厦|广场|公园|市场|学校|小学|中学|幼儿园|医院|酒店|驾校"
    "|[路街巷道村镇乡苑城府园湾站桥湖山栋组座期号])"
)

Marks = Mapping[str, float]


def marks(text: str) -> Marks:
    """The character pairs of a message, with their weights.

    Letters and digits count as whole words (`12` and `ktv`, not `1`, `2`); full-width
    and half-width are the same.
    """
    plain = unicodedata.normalize("NFKC", text[:READ_CHARACTERS]).lower()
    found: dict[str, float] = {}
    for run in _RUN.findall(_SAID_ALWAYS.sub(" ", plain)):
        if run[0].isascii():
            found[run] = max(found.get(run, 0.0), 1.0)
            continue
        named = _named(run)
        for at in range(len(run) - 1):
            weight = PLACE_WEIGHT if at in named and at + 1 in named else 1.0
            pair = run[at : at + 2]
            found[pair] = max(found.get(pair, 0.0), weight)
    return found


def _named(run: str) -> set[int]:
    """Where the name of a place stands: its suffix and three characters before."""
    return {at for name in _PLACE.finditer(run) for at in range(*name.span())}


def likeness(one: Marks, other: Marks) -> float:
    """0 (nothing in common) to 1 (the same words): weighted Dice of two `marks`."""
    total = sum(one.values()) + sum(other.values())
    if not total:
        return 0.0
    shared = sum(min(one[pair], other[pair]) for pair in one.keys() & other.keys())
    return 2 * shared / total


@dataclass(frozen=True)
class Limits:
    """How far, how long ago and how alike; the defaults of DOMAIN C.7.

    Within `near_m` a case is shown whatever its words; up to `far_m`, or where a
    place is not known to the metre, only when the words are alike.
    """

    near_m: int = 50
    far_m: int = 200
    days: int = 7
    likeness: float = LIKE


@dataclass(frozen=True)
class Comparison:
    """What is known of two cases; `metres` is None when one of them has no point."""

    likeness: float
    metres: float | None
    gap: timedelta
    same_category: bool


def duplicate_score(pair: Comparison, limits: Limits) -> float:
    """0 when the two are not likely the same matter, else a rank up to 1.

    Place and words weigh most; a 小类 that is only easily confused and time between
    them take a little away (DOMAIN C.7).
    """
    window = timedelta(days=limits.days)
    near = pair.metres is not None and pair.metres <= limits.near_m
    far = pair.metres is not None and pair.metres > limits.far_m
    if pair.gap > window or far or not (near or pair.likeness >= limits.likeness):
        return 0.0
    closeness = 0.5 if pair.metres is None else 1 - pair.metres / limits.far_m
    recency = 1 - pair.gap / window
    kind = 1.0 if pair.same_category else 0.5
    return 0.4 * closeness + 0.4 * pair.likeness + 0.1 * recency + 0.1 * kind
