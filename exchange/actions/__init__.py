"""What people do with tables; the only writers."""

from exchange.actions.exporting import (
    Outgoing,
    download,
    exporter,
    produce,
    refuse_export,
    request_export,
)
from exchange.actions.importing import (
    check_import,
    confirm_import,
    drop_import,
    upload,
    write_import,
)

__all__ = [
    "Outgoing",
    "check_import",
    "confirm_import",
    "download",
    "drop_import",
    "exporter",
    "produce",
    "refuse_export",
    "request_export",
    "upload",
    "write_import",
]
