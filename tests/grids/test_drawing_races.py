"""Two who draw at once are checked one after the other."""

import threading

import pytest
from django.db import connection

from governance.errors import Refused
from governance.geo import Crs
from grids import actions
from grids.importing import Options, plan
from grids.models import AreaBoundary, Level
from tests.grids import cities, writers
from tests.grids.cities import ACTOR, AT, COMMUNITY, LATER, box


@pytest.mark.django_db(transaction=True)
def test_neighbours_drawn_at_once_never_overlap():
    street = box(0, 0, 3, 1)
    for code in ("9901", "990101", "990101001", COMMUNITY):
        cities.area(code, "示例", street)
    shapes = {
        cities.area(f"{COMMUNITY}001", "一格").pk: box(0, 0, 2, 1),
        cities.area(f"{COMMUNITY}002", "二格").pk: box(1, 0, 3, 1),
    }
    ready, refusals = threading.Barrier(2), []

    def draw(one):
        try:
            ready.wait()
            actions.publish_boundaries(
                boundaries=[one], actor=ACTOR, at=LATER, source="测试"
            )
        except Refused as refused:
            refusals.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=draw, args=[one]) for one in shapes.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refusals == ["overlap"]
    assert AreaBoundary.objects.filter(area__in=shapes).count() == 1


def test_import_is_refused_when_areas_changed_since_the_preview(town, tmp_path):
    rows = [(f"{COMMUNITY}001", "甲格", box(0, 0, 1, 1))]
    path = writers.geojson(tmp_path / "grids.geojson", rows)
    drafted = plan(path, Options(level=Level.GRID, crs=Crs.CGCS2000))
    actions.rename(area_id=town["street"].pk, name="和平里", actor=ACTOR, at=AT)
    with pytest.raises(Refused) as refused:
        actions.import_areas(plan=drafted, accepted=["gap"], actor=ACTOR, at=AT)
    assert refused.value.code == "stale"
