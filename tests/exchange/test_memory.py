"""A table of two hundred thousand rows stays below 300 MB, in each process it needs."""

import json
import os
import subprocess
import sys
import zipfile

import pytest
from django.conf import settings
from django.db import connection

from exchange.kinds import BY_CODE

LIMIT_MB = 300
ROWS = 200_000
PROGRAM = """
import json, resource, sys
from pathlib import Path
import django
django.setup()
from exchange.files import mark
from exchange.kinds import BY_CODE
from exchange.lines import Lines
from governance import clock
from governance.errors import Refused
path = Path(sys.argv[2])
told = {}
try:
    checked = BY_CODE[sys.argv[1]].check(path, {"standard_ref": "市"}, clock.now())
    lines = Lines(path.parent)
    told["counts"] = lines.write(checked.lines)
    if told["counts"]["wrong"]:
        reasons = ((one.row, "；".join(one.reasons)) for one in lines.each("wrong"))
        mark(path, path.parent / "errors.xlsx", checked.found, reasons)
except Refused as refused:
    told["refused"] = str(refused)
# What the kernel says of this process at exit counts its parent's pages too.
status = Path("/proc/self/status").read_text()
told["self"] = int(status.split("VmHWM:")[1].split()[0]) // 1024
told["children"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
print(json.dumps(told))
"""
CONTENT = """<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>"""  # noqa: E501
RELS = """<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}"/>{more}</Relationships>"""  # noqa: E501
STRINGS = '<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/>'  # noqa: E501
BOOK = """<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="{title}" sheetId="1" r:id="rId1"/></sheets></workbook>"""  # noqa: E501
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def write_book(path, title, names, rows):
    """As Excel writes it, texts in a table of their own; no text stands twice."""
    texts, number = [*names], len(names)
    cells = [_row(range(number))]
    for row in rows:
        texts += row
        cells.append(_row(range(number, number + len(row))))
        number += len(row)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        book.writestr("[Content_Types].xml", CONTENT)
        target = {"kind": "officeDocument", "target": "xl/workbook.xml", "more": ""}
        book.writestr("_rels/.rels", RELS.format(**target))
        book.writestr("xl/workbook.xml", BOOK.format(title=title))
        sheet = {"kind": "worksheet", "target": "worksheets/sheet1.xml"}
        rels = RELS.format(**sheet, more=STRINGS)
        book.writestr("xl/_rels/workbook.xml.rels", rels)
        book.writestr(
            "xl/worksheets/sheet1.xml",
            f"<worksheet {MAIN}><sheetData>{''.join(cells)}</sheetData></worksheet>",
        )
        inside = "</t></si><si><t>".join(texts)
        table = f"<sst {MAIN}><si><t>{inside}</t></si></sst>"
        book.writestr("xl/sharedStrings.xml", table)


def _row(places):
    inside = "".join([f'<c t="s"><v>{place}</v></c>' for place in places])
    return f"<row>{inside}</row>"


PERSON = ("账号", "姓名", "手机号")
REST = ("力量类型", "网格编码", "所属单位", "职责", "备注一", "备注二")


@pytest.fixture(scope="module")
def persons(tmp_path_factory):
    """Of nine columns, no text twice: the worst for who keeps them in memory.

    As people all are new; as forces all are wrong, since there is no such grid.
    """
    path = tmp_path_factory.mktemp("persons") / "content.xlsx"
    rows = (
        [f"p{n}", f"人{n}", f"139{n:08}", *(f"{name}{n}" for name in REST)]
        for n in range(ROWS)
    )
    write_book(path, "人员", [*PERSON, *REST], rows)
    return path


def checked(folder, code, book):
    path = folder / "content.xlsx"
    path.hardlink_to(book)
    name = connection.settings_dict["NAME"]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, code, str(path)],
        cwd=settings.BASE_DIR,
        env={**os.environ, "WANGGE_DB_NAME": name},
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["self"] < LIMIT_MB, told
    assert told["children"] < LIMIT_MB, told
    return told


@pytest.mark.django_db
def test_two_hundred_thousand_wrong_rows_are_all_named(tmp_path, persons):
    assert checked(tmp_path, "forces", persons)["counts"]["wrong"] == ROWS
    assert (tmp_path / "errors.xlsx").stat().st_size > ROWS


@pytest.mark.django_db
def test_two_hundred_thousand_new_people_can_be_previewed(tmp_path, persons):
    told = checked(tmp_path, "people", persons)
    assert told["counts"] == {"new": ROWS, "changed": 0, "same": 0, "wrong": 0}
    assert not (tmp_path / "errors.xlsx").exists()


@pytest.mark.django_db
def test_a_catalogue_of_two_hundred_thousand_rows_is_refused(
    tmp_path, tmp_path_factory
):
    names = [one.name for one in BY_CODE["catalogue"].columns]
    book = tmp_path_factory.mktemp("catalogue") / "content.xlsx"
    rows = ([f"{name}{n}" for name in names] for n in range(ROWS))
    write_book(book, BY_CODE["catalogue"].title, names, rows)
    assert "拆分" in checked(tmp_path, "catalogue", book)["refused"]
