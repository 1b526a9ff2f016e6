"""Write areas as a GeoPackage (OGC 12-128r14), which QGIS, ArcGIS and SuperMap read.

A GeoPackage is an SQLite file with a few tables of known names; a shape is stored as
the doubles it consists of, so that nothing moves on the way out and back. Django's GDAL
only reads, therefore it is written here by the letter of the standard.
"""

import sqlite3
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.contrib.gis.gdal import SpatialReference
from django.contrib.gis.geos import GEOSGeometry

SRID = 4490
EPOCH = "1970-01-01T00:00:00.000Z"
# The application is "GPKG", the version 1.2.
TABLES = """
PRAGMA application_id = 0x47504B47;
PRAGMA user_version = 10200;
CREATE TABLE gpkg_spatial_ref_sys (
    srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
    organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL,
    description TEXT);
CREATE TABLE gpkg_contents (
    table_name TEXT PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
    description TEXT DEFAULT '', last_change DATETIME NOT NULL, min_x DOUBLE,
    min_y DOUBLE, max_x DOUBLE, max_y DOUBLE,
    srs_id INTEGER REFERENCES gpkg_spatial_ref_sys (srs_id));
CREATE TABLE gpkg_geometry_columns (
    table_name TEXT NOT NULL REFERENCES gpkg_contents (table_name),
    column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
    srs_id INTEGER NOT NULL REFERENCES gpkg_spatial_ref_sys (srs_id),
    z TINYINT NOT NULL, m TINYINT NOT NULL,
    CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
    CONSTRAINT uk_gc_table_name UNIQUE (table_name));
CREATE TABLE areas (
    fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom MULTIPOLYGON,
    code TEXT(18), name TEXT(100), level TEXT(10), parent_code TEXT(18),
    households INTEGER, area_m2 DOUBLE, version INTEGER);
INSERT INTO gpkg_geometry_columns VALUES ('areas', 'geom', 'MULTIPOLYGON', 4490, 0, 0);
"""
SYSTEMS = (
    ("Undefined cartesian SRS", -1, "NONE", -1, "undefined"),
    ("Undefined geographic SRS", 0, "NONE", 0, "undefined"),
)


@dataclass(frozen=True)
class Row:
    """One area; `shape` is a MultiPolygon in SRID 4490."""

    code: str
    name: str
    level: str
    parent_code: str | None
    households: int | None
    area_m2: float
    version: int
    shape: GEOSGeometry


def write(path: Path, rows: Iterable[Row], *, at: datetime) -> int:
    """The layer `areas` in a new file at `path`; how many there are."""
    database = sqlite3.connect(path)
    try:
        with database:
            _lay_out(database)
            for number, row in enumerate(rows, start=1):
                _add(database, number, row)
            count = _describe(database, at)
    finally:
        database.close()
    return count


def _lay_out(database: sqlite3.Connection) -> None:
    database.executescript(TABLES)
    own = [
        ("WGS 84 geodetic", 4326, "EPSG", 4326, SpatialReference(4326).wkt),
        ("CGCS2000", SRID, "EPSG", SRID, SpatialReference(SRID).wkt),
    ]
    database.executemany(
        "INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, '')", [*SYSTEMS, *own]
    )
    database.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change,"
        " srs_id) VALUES ('areas', 'features', 'areas', ?, ?)",
        (EPOCH, SRID),
    )


def _add(database: sqlite3.Connection, number: int, row: Row) -> None:
    database.execute(
        "INSERT INTO areas VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            number, _blob(row.shape), row.code, row.name, row.level, row.parent_code,
            row.households, row.area_m2, row.version,
        ),
    )  # fmt: skip


def _blob(shape: GEOSGeometry) -> bytes:
    """The header of the standard (little-endian, envelope of x and y), then WKB."""
    west, south, east, north = shape.extent
    head = struct.pack("<2sBBi4d", b"GP", 0, 0b11, SRID, west, east, south, north)
    return head + bytes(shape.wkb)


def _describe(database: sqlite3.Connection, at: datetime) -> int:
    """Fill in when it was made and what it covers."""
    (count,) = database.execute("SELECT count(*) FROM areas").fetchone()
    moment = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    edges = [
        struct.unpack_from("<4d", blob, 8)
        for (blob,) in database.execute("SELECT geom FROM areas")
    ]
    covered: tuple[float | None, ...] = (None, None, None, None)
    if edges:
        wests, easts, souths, norths = zip(*edges, strict=True)
        covered = (min(wests), min(souths), max(easts), max(norths))
    database.execute(
        "UPDATE gpkg_contents SET last_change = ?,"
        " min_x = ?, min_y = ?, max_x = ?, max_y = ?",
        (moment, *covered),
    )
    return int(count)
