"""Who is let into a confidential case (DOMAIN F6); used by `seen_by` alone."""

from typing import TYPE_CHECKING

from django.db.models import Q

from cases.workflow import State

if TYPE_CHECKING:
    from parties.acting import Actor

S = State
# With the community, as long as it was not handed on …
AT_COMMUNITY = (
    S.REPORTED, S.VERIFYING, S.SELF_HANDLING, S.SELF_REVIEW, S.COMMUNITY_HANDLING,
)  # fmt: skip
# … with the street from its judgement on, and for confirming, rating, objections …
AT_STREET = (
    S.STREET_PENDING, S.STREET_HANDLING, S.WHISTLED, S.JOINT_HANDLING, S.DISPUTED,
    S.DISTRICT_COORD, S.CITY_COORD, S.SUSPENDED, S.CHECKING, S.RATING, S.REJECTED,
)  # fmt: skip
# … and after the handling with whichever of the two had it in hand.
AFTERWARDS = (S.FEEDBACK_REVIEW, S.CHECKING, S.RATING, S.CLOSED, S.ARCHIVED)
COMMUNITY = ("community_acceptor", "community_leader")
STREET = (
    "street_acceptor", "street_dispatcher", "street_shift_head", "street_leader",
)  # fmt: skip
DISTRICT = ("district_command", "district_director")
UNIT = ("street_handler", "department_liaison", "department_handler")


def let_in(actor: "Actor", members: Q) -> Q:
    """Its reporter, who has it in hand, its members, and the desk it lies with.

    A desk is the community's until it hands the case on, the street's command after
    that, the district's and the city's while they coordinate or a 作废 waits for them;
    and a called unit's, whose people must read it to report for duty or to claim it.
    `members` are the cases whose member the actor is.
    """
    if actor.user_id is None:
        return Q(pk__in=())
    return (
        Q(reporter_id=actor.user_id)
        | Q(holder_user_id__in=actor.hands)
        | members
        | _desk(actor)
    )


def _desk(actor: "Actor") -> Q:
    communitys = Q(resume_state=S.COMMUNITY_HANDLING)
    if actor.role in COMMUNITY:
        stands = Q(state__in=AT_COMMUNITY) | Q(communitys, state__in=AFTERWARDS)
        return Q(stands, community_id=actor.area_id)
    if actor.role in STREET:
        stands = Q(state__in=AT_STREET) | Q(~communitys, state__in=AFTERWARDS)
        return Q(stands, street_id=actor.area_id)
    if actor.role in DISTRICT:
        waits = Q(state__in=(S.DISTRICT_COORD, S.CITY_COORD))
        return Q(waits | Q(void_requested_by__isnull=False), district_id=actor.area_id)
    if actor.role == "city_command":
        return Q(state=S.CITY_COORD, city_id=actor.area_id)
    return _called(actor) if actor.role in UNIT else Q(pk__in=())


def _called(actor: "Actor") -> Q:
    mine = actor.organisation_id or 0
    unclaimed = Q(holder_org_id=mine, holder_user=None)
    handling = Q(state__in=(S.WHISTLED, S.JOINT_HANDLING))
    return unclaimed | Q(handling, called_ids__contains=[mine])
