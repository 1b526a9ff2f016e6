"""Household points from files."""

import json

import pytest

from governance.errors import Refused
from grids import homes


def test_points_are_read_from_csv_and_brought_to_the_stored_system():
    content = "经度,纬度,户数\n114.0596,22.5429,30\n114.06,22.54,\n".encode("gb18030")

    (lng, lat, count), (_, _, unsaid) = homes.read(content, name="a.csv", crs="gcj02")

    assert (count, unsaid) == (30, 1)
    assert lng == pytest.approx(114.0545, abs=0.001)
    assert lat == pytest.approx(22.5457, abs=0.001)


def test_points_are_read_from_geojson():
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [113.01, 28.01, 5.0]},
        "properties": {"households": 12},
    }
    content = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()

    assert homes.read(content, name="a.geojson", crs="cgcs2000") == [
        (113.01, 28.01, 12.0)
    ]


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"a,b\n1,2\n", "a.csv", "no_field"),
        (b"lng,lat\n", "a.csv", "empty_file"),
        (b"lng,lat\nx,28\n", "a.csv", "bad_row"),
        (b"lng,lat\nnan,28\n", "a.csv", "bad_row"),
        (b"lng,lat,households\n113,28,-4\n", "a.csv", "bad_row"),
        (b"{}", "a.json", "bad_file"),
        (b"[1", "a.geojson", "bad_file"),
        (b"\xff\xff\xff", "a.csv", "bad_file"),
        (b'{"features": [{"geometry": null}]}', "a.json", "bad_file"),
    ],
)
def test_files_without_points_are_refused(content, name, code):
    with pytest.raises(Refused) as refused:
        homes.read(content, name=name, crs="wgs84")
    assert refused.value.code == code


def test_too_many_points_are_refused(monkeypatch):
    monkeypatch.setattr(homes, "MOST_ROWS", 2)
    with pytest.raises(Refused) as refused:
        homes.read(b"lng,lat\n1,1\n2,2\n3,3\n", name="a.csv", crs="wgs84")
    assert refused.value.code == "too_many"
