"""Areas of one level as a GeoPackage that the import reads back as it was."""

from datetime import datetime
from pathlib import Path

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Refused
from grids import geopackage
from grids.codes import Level
from grids.models import Area


def export(path: Path, level: Level, *, within: str = "", at: datetime) -> int:
    """Write those in use that are drawn, at or below `within`; how many.

    Coordinates are CGCS2000 degrees as they are stored. Raises Refused when there is
    nothing to write.
    """
    found = Area.objects.at_level(level).active(timezone.localdate(at))
    if within:
        found = found.within([within])
    rows = (
        geopackage.Row(code, name, Level(of).word, *facts)
        for code, name, of, *facts in found.shapes().iterator(chunk_size=500)
    )
    written = geopackage.write(path, rows, at=at)
    if not written:
        raise Refused(
            _("这个范围里没有画了边界的%(level)s，请换一个层级或范围。")
            % {"level": level.label},
            code="nothing",
            field="level",
        )
    return written
