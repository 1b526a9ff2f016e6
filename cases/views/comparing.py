"""Before and after side by side: which pictures belong together, and how far apart
they were taken (FEATURES 42, proof by photos)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import Photo
from governance import geo

BEFORE = (Photo.Stage.BEFORE, Photo.Stage.REPORT, Photo.Stage.VERIFY)
AFTER = (Photo.Stage.AFTER, Photo.Stage.CHECK)
FAR_M = 100
MOST = 4
DIRECTIONS = (
    gettext_lazy("北"), gettext_lazy("东北"), gettext_lazy("东"), gettext_lazy("东南"),
    gettext_lazy("南"), gettext_lazy("西南"), gettext_lazy("西"), gettext_lazy("西北"),
)  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """`apart` says in words how the two places lie to each other."""

    before: Photo
    after: Photo
    apart: str
    is_far: bool

    @property
    def both(self) -> tuple[Photo, Photo]:
        return self.before, self.after


def pairs(photos: Sequence[Photo]) -> list[Pair]:
    """The last pictures of the handled spot, each with the nearest of those before."""
    before = [one for one in photos if one.stage in BEFORE]
    after = [one for one in photos if one.stage in AFTER][-MOST:]
    if not before:
        return []
    return [_pair(_nearest(one, before, place), one) for place, one in enumerate(after)]


def left_over(photos: Sequence[Photo], paired: Sequence[Pair]) -> list[Photo]:
    """Those that stand in no pair."""
    shown = {one.pk for pair in paired for one in pair.both}
    return [one for one in photos if one.pk not in shown]


def _nearest(photo: Photo, before: Sequence[Photo], place: int) -> Photo:
    """By place when both are known, else the one taken in the same turn."""
    here = photo.position
    known = [(one.position, one) for one in before if one.position is not None]
    if here is None or not known:
        return before[min(place, len(before) - 1)]
    return min(known, key=lambda one: geo.distance_m(here, one[0]))[1]


def _pair(before: Photo, after: Photo) -> Pair:
    if before.position is None or after.position is None:
        return Pair(before, after, _("没有拍摄位置，不能比对距离。"), is_far=False)
    metres = round(geo.distance_m(before.position, after.position))
    degrees = geo.bearing(before.position, after.position)
    if metres == 0:
        return Pair(before, after, _("拍摄位置相同。"), is_far=False)
    words = _("相距 %(m)d 米，处置后在处置前的%(direction)s方（%(degrees)d°）。") % {
        "m": metres,
        "direction": DIRECTIONS[round(degrees / 45) % 8],
        "degrees": round(degrees) % 360,
    }
    return Pair(before, after, words, is_far=metres > FAR_M)
