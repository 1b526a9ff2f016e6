"""文号: each body counts its own documents, every year from one."""

from datetime import datetime

from django.utils import timezone

from cases.models import DocumentNumber
from grids.models import Area

# As they are printed; a number is never translated.
WORDS = {
    DocumentNumber.Kind.RULING: "吹裁",
    DocumentNumber.Kind.MINUTES: "联席会议纪要",
}


def next_number(kind: DocumentNumber.Kind, area: Area, at: datetime) -> str:
    """`吹裁〔2026〕3号`; the row stays locked until the transaction ends."""
    year = timezone.localtime(at).year
    row, _created = DocumentNumber.objects.select_for_update().get_or_create(
        kind=kind, area=area, year=year
    )
    row.last += 1
    row.save(update_fields=["last"])
    return f"{WORDS[kind]}〔{year}〕{row.last}号"
