"""Who acts: the person, the post and the organisation behind one action."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from parties.models import Posting


def signed(*names: str | None) -> str:
    """单位·岗位·姓名, the signature of the trade (DOMAIN E.5).

    Without what a later word of it says again: 联络员 in 区城管局联络员.
    """
    said = [name for name in names if name]
    return "·".join(
        name
        for place, name in enumerate(said)
        if not any(name in later for later in said[place + 1 :])
    )


@dataclass(frozen=True)
class Actor:
    """A value, complete without queries; written into the journal as it was then.

    `area_*` is the scope of the post and empty for posts that are bound only to an
    organisation. `on_behalf_of` names the person whose posting is being exercised,
    `on_behalf_of_id` is that person's id. `via` is the
    system outside by which the post acted, empty for people.
    """

    user_id: int | None
    name: str
    role: str = ""
    posting_id: int | None = None
    post_name: str = ""
    organisation_id: int | None = None
    organisation_name: str = ""
    area_id: int | None = None
    area_code: str = ""
    area_level: int | None = None
    ip: str = ""
    on_behalf_of: str = ""
    on_behalf_of_id: int | None = None
    via: str = ""

    @classmethod
    def of(cls, posting: Posting, ip: str = "") -> Actor:
        """From a posting that was read `with_post()`."""
        post = posting.post
        area = post.area
        source = posting.delegated_from
        return cls(
            user_id=posting.user_id,
            name=posting.user.name,
            role=post.role,
            posting_id=posting.pk,
            post_name=post.name,
            organisation_id=post.organisation_id,
            organisation_name=post.organisation.name,
            area_id=area.pk if area else None,
            area_code=area.code if area else "",
            area_level=area.level if area else None,
            ip=ip,
            on_behalf_of=source.user.name if source else "",
            on_behalf_of_id=source.user_id if source else None,
        )

    @classmethod
    def system(cls) -> Actor:
        return cls(user_id=None, name="系统", role="system")

    @classmethod
    def resident(cls, name: str = "", ip: str = "") -> Actor:
        return cls(user_id=None, name=name or "居民", role="resident", ip=ip)

    @classmethod
    def device(cls, name: str, ip: str = "") -> Actor:
        """A 感知设备 that reports by itself; `name` is what its owner called it."""
        return cls(user_id=None, name=name, role="device", ip=ip)

    @property
    def is_system(self) -> bool:
        return self.role == "system"

    @property
    def is_resident(self) -> bool:
        return self.role == "resident"

    @property
    def hands(self) -> tuple[int, ...]:
        """Whose open items this post answers for: one's own, and those of the person
        whose posting is being exercised: absence loses nothing (FEATURES 60)."""
        people = (self.user_id, self.on_behalf_of_id)
        return tuple(one for one in people if one is not None)

    def acts_in(self, area_code: str) -> bool:
        """Whether the scope of the post is that area or lies above it."""
        return bool(self.area_code) and area_code.startswith(self.area_code)

    def snapshot(self) -> dict[str, Any]:
        return asdict(self)
