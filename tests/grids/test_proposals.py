from datetime import UTC, datetime, timedelta

import pytest
import shapely
from django.contrib.gis.geos import GEOSGeometry, Point
from shapely.geometry import box

from governance.errors import Refused
from governance.models import Event
from grids import drafting
from grids.acting import Machine
from grids.actions import create_area, publish_boundaries, retire_area
from grids.actions.proposals import discard_proposal, propose
from grids.actions.publishing import publish_proposal
from grids.actions.redrawing import (
    assign_part,
    cut_part,
    merge_parts,
    name_part,
    redraw_border,
    split_part,
)
from grids.models import Area, AreaBoundary, GridProposal, ProposalPart
from grids.partition import Misfit

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
LATER = AT + timedelta(days=3)
WHO = {"actor": Machine(), "at": AT}
STREET = box(113.0, 28.0, 113.04, 28.02)
COMMUNITY = box(113.0, 28.0, 113.02, 28.02)

pytestmark = pytest.mark.django_db


def make(code, name, shape=None, **more):
    area = create_area(code=code, name=name, **WHO, **more)
    if shape is not None:
        geometry = GEOSGeometry(shape.wkb_hex, srid=4490)
        publish_boundaries(boundaries=[(area.pk, geometry)], source="测试", **WHO)
    return area


@pytest.fixture
def street():
    make("9902", "试城市")
    make("990201", "试城区")
    return make("990201001", "试街道", STREET)


@pytest.fixture
def community(street):
    return make("990201001001", "试社区", COMMUNITY, households=2000)


@pytest.fixture
def proposal(community):
    return propose(area_id=community.pk, **WHO)


def parts(proposal):
    return list(proposal.parts.order_by("number"))


def shapes(proposal):
    return [drafting.surface(part.geometry) for part in parts(proposal)]


def assert_tiles(proposal, place):
    tiles = shapes(proposal)
    assert shapely.coverage_is_valid(tiles)
    assert shapely.union_all(tiles).symmetric_difference(place).area < 1e-11
    assert [part.number for part in parts(proposal)] == list(range(1, len(tiles) + 1))


# --- proposing ---------------------------------------------------------------------


def test_a_community_is_divided_into_grids_in_range(proposal):
    assert len(parts(proposal)) == 5
    assert all(300 <= part.households <= 500 for part in parts(proposal))
    assert not any(part.reason for part in parts(proposal))
    assert_tiles(proposal, COMMUNITY)


def test_proposing_leaves_one_event_on_the_chain_of_the_area(proposal):
    event = Event.objects.get(action="grids.propose")

    assert event.chain == "area:990201001001"
    assert event.detail["households"] == 2000


def test_household_points_decide_the_borders(community):
    rows = [(113.001 + 0.0001 * i, 28.001 + 0.0002 * i, 10) for i in range(90)]
    proposal = propose(area_id=community.pk, homes=rows, **WHO)

    assert proposal.settings["households"] == 900
    assert sum(part.households for part in parts(proposal)) == 900
    assert len(parts(proposal)) == 2


def test_points_outside_are_counted_and_left_out(community):
    rows = [(113.01, 28.01, 350), (113.5, 28.5, 7)]

    assert propose(area_id=community.pk, homes=rows, **WHO).settings["outside"] == 7


def test_a_special_grid_keeps_its_ground(community):
    tower = box(113.008, 28.008, 113.01, 28.01)
    make("990201001001701", "商贸楼", tower, special_type="商务楼宇")

    proposal = propose(area_id=community.pk, **WHO)

    assert_tiles(proposal, COMMUNITY.difference(tower))


def test_a_street_is_divided_among_its_communities_by_code(street):
    for number in (2, 1, 3):
        make(f"99020100100{number}", f"第{number}社区")

    proposal = propose(area_id=street.pk, **WHO)

    assert [part.code[-3:] for part in parts(proposal)] == ["001", "002", "003"]
    assert [part.name for part in parts(proposal)] == ["第1社区", "第2社区", "第3社区"]
    assert_tiles(proposal, STREET)


def test_a_new_proposal_discards_the_older_draft(proposal):
    newer = propose(area_id=proposal.area_id, parts=3, **WHO)

    proposal.refresh_from_db()
    assert proposal.status == GridProposal.Status.DISCARDED
    assert len(parts(newer)) == 3


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"low": 500, "high": 300}, "bad_range"),
        ({"low": 0}, "bad_range"),
        ({"parts": 0}, "bad_parts"),
        ({"parts": 1000}, "bad_parts"),
        ({"households": -1}, "bad_households"),
        ({"households": 0}, "no_households"),
        ({"low": 1, "high": 2}, "bad_range"),
    ],
)
def test_senseless_wishes_are_refused(community, asked, code):
    with pytest.raises(Refused) as refused:
        propose(area_id=community.pk, **WHO, **asked)

    assert refused.value.code == code
    assert not GridProposal.objects.exists()


def test_what_cannot_be_divided_is_refused(street):
    district = Area.objects.get(code="990201")
    bare = make("990201001009", "无界社区", households=900)
    for area, code in ((district, "bad_level"), (bare, "no_boundary")):
        with pytest.raises(Refused) as refused:
            propose(area_id=area.pk, **WHO)
        assert refused.value.code == code


def test_reasons_are_the_misfits_of_the_partitioner():
    known = {value for value in ProposalPart.Reason.values if value != "by_hand"}

    assert known == {str(one) for one in Misfit if one}


def test_a_reason_is_given_for_what_is_out_of_range(community):
    proposal = propose(area_id=community.pk, households=560, **WHO)

    assert [part.reason for part in parts(proposal)] == ["total"]


# --- changing the draft ------------------------------------------------------------


def neighbours(proposal):
    """Numbers of two parts with a common border."""
    tiles = shapes(proposal)
    return next(
        [i + 1, j + 1]
        for i in range(len(tiles))
        for j in range(i + 1, len(tiles))
        if tiles[i].intersection(tiles[j]).length > 0
    )


def test_merging_joins_neighbours_and_adds_their_households(proposal):
    before = {part.number: part.households for part in parts(proposal)}
    pair = neighbours(proposal)

    merge_parts(proposal_id=proposal.pk, numbers=pair, **WHO)

    after = parts(proposal)
    assert len(after) == 4
    joined = before[pair[0]] + before[pair[1]]
    (merged,) = [part for part in after if part.households == joined]
    assert merged.reason == ProposalPart.Reason.BY_HAND
    assert_tiles(proposal, COMMUNITY)
    assert Event.objects.filter(action="grids.merge_parts").count() == 1


def test_merging_apart_from_each_other_is_refused(community):
    proposal = propose(area_id=community.pk, households=6000, **WHO)
    tiles = shapes(proposal)
    far = next(i + 1 for i, one in enumerate(tiles) if not one.touches(tiles[0]) and i)

    with pytest.raises(Refused) as refused:
        merge_parts(proposal_id=proposal.pk, numbers=[1, far], **WHO)
    assert refused.value.code == "not_adjacent"


def test_merging_one_part_is_refused(proposal):
    with pytest.raises(Refused) as refused:
        merge_parts(proposal_id=proposal.pk, numbers=[2], **WHO)
    assert refused.value.code == "too_few"


def test_splitting_divides_one_part_and_keeps_the_rest(proposal):
    split_part(proposal_id=proposal.pk, number=3, into=2, **WHO)

    assert len(parts(proposal)) == 6
    assert sum(part.households for part in parts(proposal)) == 2000
    assert_tiles(proposal, COMMUNITY)


def test_cutting_follows_the_drawn_line(proposal):
    one = shapes(proposal)[0]
    west, south, east, north = one.bounds
    middle = (west + east) / 2

    cut_part(
        proposal_id=proposal.pk,
        number=1,
        line=[(middle, south - 0.001), (middle, north + 0.001)],
        **WHO,
    )

    assert len(parts(proposal)) == 6
    sides = [tile for tile in shapes(proposal) if one.buffer(1e-9).covers(tile)]
    assert len(sides) == 2
    assert_tiles(proposal, COMMUNITY)


@pytest.mark.parametrize(
    "line",
    [[], [(113.0, 28.0)], [(0, 0), (999, 1)], [(114.0, 28.0), (114.1, 28.0)]],
)
def test_a_line_that_cuts_nothing_is_refused(proposal, line):
    with pytest.raises(Refused) as refused:
        cut_part(proposal_id=proposal.pk, number=1, line=line, **WHO)
    assert refused.value.code == "bad_line"
    assert len(parts(proposal)) == 5


def test_redrawing_moves_the_border_between_two(community):
    proposal = propose(area_id=community.pk, parts=2, **WHO)
    name_part(proposal_id=proposal.pk, number=1, name="甲格", **WHO)
    named = shapes(proposal)[0]

    redraw_border(
        proposal_id=proposal.pk,
        numbers=[1, 2],
        line=[(112.99, 28.012), (113.01, 28.013), (113.03, 28.012)],
        **WHO,
    )

    assert len(parts(proposal)) == 2
    assert_tiles(proposal, COMMUNITY)
    (kept,) = [part for part in parts(proposal) if part.name == "甲格"]
    assert drafting.surface(kept.geometry).intersection(named).area > 0.4 * named.area
    assert sum(part.households for part in parts(proposal)) == 2000


def test_counts_follow_the_points_after_a_change(community):
    rows = [(113.0005 + 0.0002 * i, 28.01, 10) for i in range(90)]
    proposal = propose(area_id=community.pk, homes=rows, **WHO)

    redraw_border(
        proposal_id=proposal.pk,
        numbers=[1, 2],
        line=[(113.00459, 27.99), (113.00459, 28.03)],
        **WHO,
    )

    assert [part.households for part in parts(proposal)] == [210, 690]
    assert {part.reason for part in parts(proposal)} == {"by_hand"}


def test_assigning_a_community_swaps_with_the_part_that_had_it(street):
    for number in (1, 2):
        make(f"99020100100{number}", f"第{number}社区")
    proposal = propose(area_id=street.pk, **WHO)

    assign_part(proposal_id=proposal.pk, number=1, code="990201001002", **WHO)

    assert [part.name for part in parts(proposal)] == ["第2社区", "第1社区"]


def test_only_communities_are_assigned(proposal):
    with pytest.raises(Refused) as refused:
        assign_part(proposal_id=proposal.pk, number=1, code="990201001001", **WHO)
    assert refused.value.code == "bad_level"


@pytest.mark.parametrize(
    ("action", "given"),
    [
        (merge_parts, {"numbers": [1, 2]}),
        (split_part, {"number": 1, "into": 2}),
        (cut_part, {"number": 1, "line": [(112.9, 28.01), (113.1, 28.01)]}),
        (name_part, {"number": 1, "name": "甲"}),
        (publish_proposal, {}),
        (discard_proposal, {}),
    ],
)
def test_nothing_changes_a_proposal_that_is_no_longer_a_draft(proposal, action, given):
    discard_proposal(proposal_id=proposal.pk, **WHO)
    events = Event.objects.count()

    with pytest.raises(Refused) as refused:
        action(proposal_id=proposal.pk, **given, **WHO)

    assert refused.value.code == "not_a_draft"
    assert Event.objects.count() == events


@pytest.mark.parametrize(
    ("action", "given"),
    [
        (merge_parts, {"numbers": [1, 77]}),
        (split_part, {"number": 77, "into": 2}),
        (name_part, {"number": 77, "name": "甲"}),
    ],
)
def test_a_part_that_is_gone_is_refused(proposal, action, given):
    with pytest.raises(Refused) as refused:
        action(proposal_id=proposal.pk, **given, **WHO)
    assert refused.value.code == "unknown_part"


# --- publishing --------------------------------------------------------------------


def grid_codes(community):
    below = Area.objects.below(community).filter(valid_to=None).order_by("code")
    return [area.code[-3:] for area in below]


def test_publishing_makes_numbered_grids_that_locate(community, proposal):
    name_part(proposal_id=proposal.pk, number=2, name="花园网格", **WHO)

    publish_proposal(proposal_id=proposal.pk, **WHO)

    assert grid_codes(community) == ["001", "002", "003", "004", "005"]
    second = Area.objects.get(code="990201001001002")
    assert second.name == "花园网格"
    assert 300 <= second.households <= 500
    located = Area.objects.locate(Point(113.0101, 28.0099, srid=4490))
    assert located.area.code.startswith(community.code)
    proposal.refresh_from_db()
    assert proposal.status == GridProposal.Status.PUBLISHED


def test_grids_that_stay_mostly_themselves_keep_their_code(community, proposal):
    publish_proposal(proposal_id=proposal.pk, **WHO)
    again = propose(area_id=community.pk, actor=Machine(), at=LATER)
    assert [part.code[-3:] for part in parts(again)] == [
        "001",
        "002",
        "003",
        "004",
        "005",
    ]
    pair = neighbours(again)

    merge_parts(proposal_id=again.pk, numbers=pair, actor=Machine(), at=LATER)
    publish_proposal(proposal_id=again.pk, actor=Machine(), at=LATER)

    kept = [code for code in range(1, 6) if code not in pair]
    codes = grid_codes(community)
    assert set(codes) >= {f"{code:03}" for code in kept}
    assert len(codes) == 4
    assert AreaBoundary.objects.filter(area__code="990201001001001").count() <= 2


def test_grids_nothing_continues_are_retired_and_codes_never_return(
    community, proposal
):
    publish_proposal(proposal_id=proposal.pk, **WHO)
    again = propose(area_id=community.pk, parts=13, actor=Machine(), at=LATER)

    publish_proposal(proposal_id=again.pk, actor=Machine(), at=LATER)

    codes = grid_codes(community)
    assert len(codes) == 13
    assert codes[-1] > "013"
    retired = Area.objects.below(community).exclude(valid_to=None)
    assert retired.exists()
    assert not retired.filter(boundaries__valid_to=None).exists()
    current = AreaBoundary.objects.current().filter(area__parent=community)
    assert current.count() == 13


def test_an_unchanged_grid_gets_no_new_version(community, proposal):
    publish_proposal(proposal_id=proposal.pk, **WHO)
    again = propose(area_id=community.pk, actor=Machine(), at=LATER)

    publish_proposal(proposal_id=again.pk, actor=Machine(), at=LATER)

    assert set(
        AreaBoundary.objects.filter(area__parent=community).values_list(
            "version", flat=True
        )
    ) == {1}


def test_publishing_a_street_draws_its_communities(street):
    for number in (1, 2, 3):
        make(f"99020100100{number}", f"第{number}社区")
    proposal = propose(area_id=street.pk, **WHO)

    publish_proposal(proposal_id=proposal.pk, note="建议边界", **WHO)

    drawn = AreaBoundary.objects.current().filter(area__parent=street)
    assert {one.note for one in drawn} == {"建议边界"}
    assert drawn.count() == 3
    assert Area.objects.filter(parent=street).count() == 3


def test_a_drawn_community_may_not_be_left_out(street):
    make("990201001001", "甲社区", COMMUNITY)
    make("990201001002", "乙社区")
    proposal = propose(area_id=street.pk, **WHO)
    merge_parts(proposal_id=proposal.pk, numbers=[1, 2], **WHO)
    proposal.parts.update(code="990201001002")

    with pytest.raises(Refused) as refused:
        publish_proposal(proposal_id=proposal.pk, **WHO)

    assert refused.value.code == "left_out"
    assert "甲社区" in refused.value.message


def test_a_gap_stops_publishing_until_accepted(community, proposal):
    hole = parts(proposal)[0]
    hole.delete()

    with pytest.raises(Refused) as refused:
        publish_proposal(proposal_id=proposal.pk, **WHO)
    assert refused.value.code == "gap"
    assert not Area.objects.below(community).exists()

    publish_proposal(proposal_id=proposal.pk, accept_gaps=True, **WHO)
    assert Area.objects.below(community).count() == 4


def test_an_overlap_stops_publishing_whatever_is_accepted(community, proposal):
    first, second = parts(proposal)[:2]
    both = drafting.surface(first.geometry).union(drafting.surface(second.geometry))
    first.geometry = drafting.stored(both)
    first.save()

    with pytest.raises(Refused) as refused:
        publish_proposal(proposal_id=proposal.pk, accept_gaps=True, **WHO)
    assert refused.value.code == "overlap"
    assert not Area.objects.below(community).exists()


def test_codes_that_were_retired_are_not_given_again(community, proposal):
    grid = make("990201001001004", "旧网格")
    retire_area(area_id=grid.pk, reason="撤销", **WHO)

    publish_proposal(proposal_id=proposal.pk, **WHO)

    assert grid_codes(community) == ["005", "006", "007", "008", "009"]
