"""F1 占道经营: a small matter does not leave the grid (DOMAIN F)."""

import io
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image, ImageChops

from cases import watermark
from cases.demo_pictures import picture
from tests.e2e.people import Person
from tests.e2e.scenario import COMMUNITY, Scenario, grown, of_month
from tests.e2e.stack import Stack

pytestmark = pytest.mark.e2e
People = Callable[[str], Person]
Spots = dict[str, dict[str, float]]
TAKEN = {"before": "2026-11-20 17:06:00", "after": "2026-11-20 17:09:00"}
NOISE = 40  # what encoding a picture again changes of a pixel at most; text, 200


@pytest.fixture(scope="module")
def scene(stack: Stack) -> Scenario:
    return Scenario(stack)


def upload(stage: str) -> bytes:
    return picture(1, solved=stage == "after")


def on_the_spot(
    who: Person, scene: Scenario, spot: dict[str, float], *stages: str
) -> tuple[int, Any]:
    """即报即结 through the API with one picture of each stage; (status, answer)."""
    batch = str(uuid.uuid4())
    for stage in stages:
        who.photo(
            batch, stage, upload(stage), taken_at=f"{TAKEN[stage]}+08:00",
            lng=spot["longitude"], lat=spot["latitude"],
        )  # fmt: skip
    return who.json(
        "/api/v1/submissions/",
        {
            "id": str(uuid.uuid4()), "kind": "resolve_on_spot", "photos": batch,
            "category": scene.category("09006"), "lng": spot["longitude"],
            "lat": spot["latitude"], "address": "和平路 12 号门前",
            "description": "水果摊占住人行道，已当场劝离。",
            "measures": "已劝离，恢复通行",
        },
    )  # fmt: skip


def watermarked(
    scene: Scenario, reader: Person, case: int, spot: dict[str, float]
) -> None:
    """What the page of the case shows is stamped with its own time and place."""
    page = reader.page(f"/cases/{case}/")
    place = f"幸福社区第一网格 {spot['longitude']:.5f}E {spot['latitude']:.5f}N"
    for stage, taken in TAKEN.items():
        photo = scene.ask(f"str(Photo.objects.get(case={case}, stage='{stage}').pk)")
        assert f"/photos/{photo}/" in page
        status, shown = reader.get(f"/photos/{photo}/")
        assert status == 200
        assert not alike(shown, upload(stage))
        sent, unit = upload(stage), "幸福社区居民委员会"
        assert alike(shown, watermark.stamp(sent, [taken, place, unit]))
        later, elsewhere = taken.replace("17:0", "17:1"), place.replace("一", "二")
        assert not alike(shown, watermark.stamp(sent, [later, place, unit]))
        assert not alike(shown, watermark.stamp(sent, [taken, elsewhere, unit]))


def alike(one: bytes, other: bytes) -> bool:
    """The same to the eye, whatever encoding it once more has changed."""
    first, second = (Image.open(io.BytesIO(each)).convert("L") for each in (one, other))
    _least, most = ImageChops.difference(first, second).getextrema()
    return bool(most < NOISE)


def test_f1_resolved_on_the_spot(
    stack: Stack, scene: Scenario, people: People, spots: Spots
) -> None:
    spot = spots[f"{COMMUNITY}001"]
    worker, desk = people("wanggeyuan-jia"), people("shequ-shouliyuan")
    name = "小事不出网格率"
    scene.at("2026-11-20 17:05")
    worker.form("/m/patrols/start/")

    status, refused = on_the_spot(worker, scene, spot, "before")
    assert (status, refused["field"]) == (422, "photos")
    assert "处置后" in refused["message"]

    scene.at("2026-11-20 17:10")
    status, filed = on_the_spot(worker, scene, spot, "before", "after")
    assert status == 201
    case = int(filed["id"])
    assert len(filed["case_no"]) == 19
    assert filed["placement_code"] == f"{COMMUNITY}001"
    scene.settle()
    patrol = scene.ask(
        "PatrolRecord.objects.order_by('-pk').values_list('pk', flat=True).first()"
    )
    assert filed["case_no"][-5:] in worker.reads(f"/duties/patrols/{patrol}/")

    assert "approve_self" not in worker.offered(case)
    before = of_month(desk, name)
    desk.do(case, "approve_self", opinion="同意")
    assert scene.case(case, "state", "closed_type") == ["CLOSED", "self"]
    assert grown(before, of_month(desk, name)) == (1, 1)
    assert scene.figure(case, "grid_resolution") == (1, 1)
    assert scene.ask(f"Whistle.objects.filter(case={case}).count()") == 0
    assert scene.steps(case) == ["T02", "T05"]
    actors = scene.ask(
        f"[[e.actor['name'], e.actor['post_name'] != '', e.actor['ip']] for e in "
        f"Event.objects.filter(chain='case:{case}').order_by('seq')"
        " if 'transition' in e.detail]"
    )
    assert actors == [
        ["网格员甲", True, "127.0.0.1"],
        ["社区受理员", True, "127.0.0.1"],
    ]
    photos = scene.ask(
        f"list(Photo.objects.filter(case={case}).order_by('stage')"
        ".values_list('stage', flat=True))"
    )
    assert photos == ["after", "before"]
    watermarked(scene, desk, case, spot)
    scene.sound()


def test_f1_the_doer_does_not_approve_even_at_the_desk(
    stack: Stack, scene: Scenario, people: People, spots: Spots
) -> None:
    """网格员甲 stands in for the acceptor by delegation and meets his own case."""
    scene.at("2026-11-20 17:20")
    worker = people("wanggeyuan-jia")
    _status, filed = on_the_spot(
        worker, scene, spots[f"{COMMUNITY}001"], "before", "after"
    )
    posting = scene.ask(
        "(lambda m, p, u, w: m.delegate(posting_id=p.pk, user_id=u.pk, starts_at=w, "
        "ends_at=w + __import__('datetime').timedelta(days=1), reason='轮休', "
        "actor=__import__('parties.acting').acting.Actor.of(p), at=w).pk)("
        "__import__('parties.actions').actions, "
        "Posting.objects.with_post().get(user__username='shequ-shouliyuan', "
        "delegated_from=None), User.objects.get(username='wanggeyuan-jia'), "
        "__import__('governance.clock').clock.now())"
    )
    status, _page = worker.form("/posting/", posting=posting)
    assert status == 200
    refusal = worker.refused(int(filed["id"]), "approve_self", opinion="同意")
    assert "不能审核、核查自己办理的案件" in refusal
