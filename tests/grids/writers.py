"""Write the files that people's tools write, small and by the letter of the format.

Shapes are rectangles as MultiPolygon (`cities.box`) in degrees; `move` takes a position
to the file's own system.
"""

import json
import sqlite3
import struct
import zipfile
from pathlib import Path

from django.contrib.gis.gdal import SpatialReference
from django.contrib.gis.geos import GEOSGeometry

FIELDS = (("code", 18), ("name", 60))


def geojson(path: Path, rows) -> Path:
    """`rows` are (code, name, geometry); a dict or None is written as it is."""
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "name": name},
            "geometry": _json(shape),
        }
        for code, name, shape in rows
    ]
    collection = {"type": "FeatureCollection", "features": features}
    path.write_text(json.dumps(collection, ensure_ascii=False), encoding="utf-8")
    return path


def _json(shape: GEOSGeometry | dict | None) -> dict | None:
    return json.loads(shape.geojson) if isinstance(shape, GEOSGeometry) else shape


def geopackage(path: Path, rows) -> Path:
    with sqlite3.connect(path) as database:
        database.executescript(
            """
            PRAGMA application_id = 0x47504B47;
            CREATE TABLE gpkg_spatial_ref_sys (
                srs_name TEXT, srs_id INTEGER PRIMARY KEY, organization TEXT,
                organization_coordsys_id INTEGER, definition TEXT, description TEXT);
            CREATE TABLE gpkg_contents (
                table_name TEXT PRIMARY KEY, data_type TEXT, identifier TEXT,
                description TEXT, last_change TEXT, min_x REAL, min_y REAL, max_x REAL,
                max_y REAL, srs_id INTEGER);
            CREATE TABLE gpkg_geometry_columns (
                table_name TEXT PRIMARY KEY, column_name TEXT, geometry_type_name TEXT,
                srs_id INTEGER, z TINYINT, m TINYINT);
            CREATE TABLE grids (
                fid INTEGER PRIMARY KEY, geom BLOB, code TEXT, name TEXT);
            INSERT INTO gpkg_contents (table_name, data_type, srs_id)
                VALUES ('grids', 'features', 4490);
            INSERT INTO gpkg_geometry_columns
                VALUES ('grids', 'geom', 'MULTIPOLYGON', 4490, 0, 0);
            """
        )
        database.execute(
            "INSERT INTO gpkg_spatial_ref_sys VALUES (?, 4490, 'EPSG', 4490, ?, '')",
            ("CGCS2000", SpatialReference(4490).wkt),
        )
        for code, name, shape in rows:
            blob = b"GP\x00\x01" + struct.pack("<i", 4490) + bytes(shape.wkb)
            database.execute(
                "INSERT INTO grids (geom, code, name) VALUES (?, ?, ?)",
                (blob, code, name),
            )
    database.close()
    return path


def shapefile(path: Path, rows, *, encoding: str = "utf-8", srid: int = 4490) -> Path:
    """.shp, .shx, .dbf, .prj and .cpg beside each other."""
    rows = list(rows)
    records = [_polygon(shape, srid) for _code, _name, shape in rows]
    offset, index, body = 50, b"", b""
    for number, record in enumerate(records, start=1):
        words = len(record) // 2
        index += struct.pack(">ii", offset, words)
        body += struct.pack(">ii", number, words) + record
        offset += words + 4
    path.write_bytes(_header(100 + len(body)) + body)
    path.with_suffix(".shx").write_bytes(_header(100 + len(index)) + index)
    path.with_suffix(".dbf").write_bytes(_table(rows, encoding))
    path.with_suffix(".cpg").write_text(encoding)
    path.with_suffix(".prj").write_text(SpatialReference(srid).wkt)
    return path


def zipped(path: Path, folder: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for part in folder.iterdir():
            archive.write(part, f"网格数据/{part.name}")
    return path


def _header(size: int) -> bytes:
    return struct.pack(">i20xi", 9994, size // 2) + struct.pack("<ii64x", 1000, 5)


def _polygon(shape: GEOSGeometry, srid: int) -> bytes:
    """A record of one ring; the format wants outer rings clockwise."""
    moved = shape.clone()
    if srid != shape.srid:
        moved.transform(srid)
    ring = moved[0].shell.coords
    if moved[0].shell.is_counterclockwise:
        ring = ring[::-1]
    west, south, east, north = moved.extent
    head = struct.pack("<i4d3i", 5, west, south, east, north, 1, len(ring), 0)
    return head + b"".join(struct.pack("<2d", *position) for position in ring)


def _table(rows, encoding: str) -> bytes:
    width = 1 + sum(size for _name, size in FIELDS)
    head = struct.pack(
        "<4BIHH20x", 3, 126, 1, 1, len(rows), 33 + 32 * len(FIELDS), width
    )
    for name, size in FIELDS:
        head += struct.pack("<11sc4xB15x", name.encode(), b"C", size)
    body = b""
    for code, name, _shape in rows:
        body += b" " + code.encode().ljust(FIELDS[0][1])
        body += name.encode(encoding).ljust(FIELDS[1][1])
    return head + b"\r" + body + b"\x1a"
