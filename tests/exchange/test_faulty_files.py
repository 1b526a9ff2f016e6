"""Each kind of fault in each template: a clear refusal, and nothing changes."""

import subprocess
import sys
import zipfile
from io import BytesIO

import pytest
from openpyxl import load_workbook

from exchange import files
from exchange.kinds import BY_CODE, KINDS
from exchange.models import Import
from governance.errors import Refused
from governance.models import Event
from tests.exchange.conftest import filled, saved, send, turn

pytestmark = pytest.mark.django_db
CODES = [one.code for one in KINDS]
ROW = {
    "organisations": {"单位名称": "甲局", "类型": "职能部门", "层级": "区县"},
    "people": {"账号": "jia", "姓名": "甲"},
    "forces": {
        "账号": "jia", "姓名": "甲", "力量类型": "社区医生",
        "网格编码": "990101001001001", "所属单位": "甲局",
    },
    "areas": {"编码": "9901", "名称": "示例市"},
    "catalogue": {
        "大类代码": "01", "大类名称": "公用设施", "小类代码": "001",
        "小类名称": "上水井盖", "立案条件": "破损", "处置时限": "2工作日",
    },
    "responsibilities": {
        "依据标准": "某市2024版", "类别": "事项", "小类代码": "09006",
        "责任层级": "区县", "适用区域编码": "990101", "主责或配合": "主责",
        "生效日期": "2026-01-01",
    },
    "calendar": {
        "年度": "2026", "文号": "国办发明电〔2025〕7号", "日期": "2026-01-01",
        "类型": "放假", "名称": "元旦",
    },
}  # fmt: skip


def changed(code, change):
    """A well filled-in table, spoilt."""
    book = load_workbook(BytesIO(filled(code, ROW[code])))
    change(book.worksheets[0])
    return saved(book)


def refused_at_once(admin, code, content, name="表.xlsx"):
    """What stands at the field; the page keeps nothing and the database either."""
    answer = send(admin, code, content, name)
    assert answer.status_code == 422
    assert not Import.objects.exists()
    assert not Event.objects.filter(action="exchange.upload").exists()
    return "".join(answer.context["form"].errors["file"])


def refused_in_check(bring, code, content, name="表.xlsx"):
    kept = bring(code, content, name)
    assert kept.state == "refused"
    assert not kept.place.folder.exists()
    return kept.refusal


@pytest.mark.parametrize("code", CODES)
def test_a_formula_is_refused_with_its_cell(bring, code):
    def spoil(sheet):
        sheet.cell(4, 2).value = "=1+1"

    words = refused_in_check(bring, code, changed(code, spoil))
    assert "B4" in words
    assert "公式" in words


@pytest.mark.parametrize("code", [one for one in CODES if one != "catalogue"])
def test_merged_cells_in_the_table_are_refused_with_their_place(bring, code):
    words = refused_in_check(
        bring, code, changed(code, lambda sheet: sheet.merge_cells("A4:A6"))
    )
    assert "A4:A6" in words
    assert "合并" in words


def test_merged_cells_are_welcome_in_a_standard(bring):
    rows = [ROW["catalogue"], {"立案条件": "缺失", "处置时限": "1工作日"}]
    book = load_workbook(BytesIO(filled("catalogue", *rows)))
    for column in "ABCD":
        book.worksheets[0].merge_cells(f"{column}4:{column}5")
    assert bring("catalogue", saved(book)).counts["new"] == 2


@pytest.mark.parametrize("code", CODES)
def test_a_heading_that_is_missing_is_named(bring, code):
    needed = next(one.name for one in BY_CODE[code].columns if one.required)

    def spoil(sheet):
        for cell in sheet[1]:
            if str(cell.value).rstrip("*") == needed:
                cell.value = "别的"

    words = refused_in_check(bring, code, changed(code, spoil))
    assert needed in words
    assert "别的" in words


@pytest.mark.parametrize("code", CODES)
def test_a_heading_that_stands_twice_is_named(bring, code):
    needed = BY_CODE[code].columns[0].heading

    def spoil(sheet):
        sheet.cell(1, len(BY_CODE[code].columns) + 1).value = needed

    assert needed.rstrip("*") in refused_in_check(bring, code, changed(code, spoil))


@pytest.mark.parametrize("code", CODES)
def test_a_template_without_data_is_refused(bring, code):
    assert "没有数据行" in refused_in_check(bring, code, filled(code))


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "旧版"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "网页"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><a/>", "网页"),
        (b"PK\x03\x04broken", "损坏"),
        (b"%PDF-1.7", "另存为"),
    ],
)
def test_what_only_bears_the_name_of_a_workbook_is_refused(admin, code, content, word):
    assert word in refused_at_once(admin, code, content)


@pytest.mark.parametrize("code", CODES)
def test_an_empty_file_and_a_strange_ending_are_refused(admin, code):
    assert "空" in refused_at_once(admin, code, b"")
    assert ".xlsx" in refused_at_once(admin, code, b"1,2", "表.txt")


def packed(**entries):
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in entries.items():
            target.writestr(name.replace("__", "/").replace("_x", ".xml"), content)
    return out.getvalue()


@pytest.mark.parametrize("code", CODES)
def test_a_bomb_is_refused_unopened(admin, code):
    bomb = packed(xl__workbook_x="<a/>", xl__sheet_x=b" " * (64 * 1024 * 1024))
    assert len(bomb) < 100_000
    assert "64 MB" in refused_at_once(admin, code, bomb)


@pytest.mark.parametrize("code", CODES)
def test_an_archive_that_is_no_workbook_is_refused(admin, code):
    assert "压缩包" in refused_at_once(admin, code, packed(readme_x="hello"))


@pytest.mark.parametrize("code", CODES)
def test_an_archive_of_very_many_files_is_refused(admin, code):
    many = packed(xl__workbook_x="", **{f"xl__a{n}_x": "" for n in range(2000)})
    assert "不像一张正常的表" in refused_at_once(admin, code, many)


def directory_changed(book, change):
    """The workbook with each entry of its directory changed."""
    content = bytearray(book)
    place = content.find(b"PK\x01\x02")
    while place >= 0:
        change(content, place)
        place = content.find(b"PK\x01\x02", place + 4)
    return bytes(content)


@pytest.mark.parametrize("code", CODES)
def test_a_workbook_with_a_password_is_refused(admin, code):
    def lock(content, place):
        content[place + 8] |= 1

    locked = directory_changed(filled(code, ROW[code]), lock)
    assert "密码" in refused_at_once(admin, code, locked)


@pytest.mark.parametrize("code", CODES)
def test_a_workbook_with_macros_is_refused(admin, code):
    out = BytesIO(filled(code, ROW[code]))
    with zipfile.ZipFile(out, "a") as book:
        book.writestr("xl/vbaProject.bin", b"macro")
    assert "宏" in refused_at_once(admin, code, out.getvalue())


@pytest.mark.parametrize("code", CODES)
def test_a_bomb_that_lies_about_its_size_is_refused(bring, code):
    """The directory says that little comes out of it; what it says is all it gets."""

    def grow(content):
        return content.replace(b"<sheetData>", b"<sheetData>" + b" " * (24 << 20), 1)

    def lie(content, place):
        said = int.from_bytes(content[place + 24 : place + 28], "little")
        if said > 1 << 20:
            content[place + 24 : place + 28] = (5000).to_bytes(4, "little")

    big = sheet_changed(filled(code, ROW[code]), grow)
    assert "已损坏" in refused_in_check(bring, code, directory_changed(big, lie))


LAUGHS = b"".join(
    b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10)
)


@pytest.mark.parametrize("code", CODES)
def test_entities_that_multiply_are_refused(bring, code):
    """A bomb inside the XML: a few hundred bytes that say they are a gigabyte."""

    def spoil(content):
        head, body = b"", content
        if body.startswith(b"<?xml"):
            head, body = content.split(b"?>", 1)[0] + b"?>", content.split(b"?>", 1)[1]
        kind = b'<!DOCTYPE worksheet [<!ENTITY a0 "aaaaaaaaaa">' + LAUGHS + b"]>"
        cell = b'<row r="9"><c r="A9" t="inlineStr"><is><t>&a9;</t></is></c></row>'
        return head + kind + body.replace(b"</sheetData>", cell + b"</sheetData>")

    words = refused_in_check(bring, code, sheet_changed(filled(code, ROW[code]), spoil))
    assert "数据没有改动" in words


def sheet_changed(book, change):
    """The workbook with the XML of its first sheet changed."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(book)) as old, zipfile.ZipFile(out, "w") as new:
        for one in old.infolist():
            content = old.read(one)
            if one.filename == "xl/worksheets/sheet1.xml":
                content = change(content)
            new.writestr(one.filename, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


@pytest.mark.parametrize("code", CODES)
def test_an_oversized_dimension_is_refused(bring, code):
    def spoil(content):
        start = content.index(b"<dimension ref=")
        end = content.index(b"/>", start)
        return content[:start] + b'<dimension ref="A1:XFD1048576"' + content[end:]

    words = refused_in_check(bring, code, sheet_changed(filled(code, ROW[code]), spoil))
    assert "1048576" in words
    assert "16384" in words


@pytest.mark.parametrize("code", CODES)
def test_a_cell_far_to_the_right_is_refused(bring, code):
    def spoil(sheet):
        sheet.cell(4, 900).value = "远"

    assert "列" in refused_in_check(bring, code, changed(code, spoil))


# --- text with commas -----------------------------------------------------------------

CSV_CODES = [one for one in CODES if one != "catalogue"]


def as_csv(code, encoding, spoil=lambda text: text):
    row = ROW[code]
    text = ",".join(row) + "\n" + ",".join(row.values()) + "\n"
    return spoil(text).encode(encoding)


@pytest.mark.parametrize("code", CSV_CODES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_commas_are_read_in_both_encodings(bring, code, encoding):
    kept = bring(code, as_csv(code, encoding), "表.csv")
    assert kept.state == "checked"
    assert sum(kept.counts.values()) == 1


@pytest.mark.parametrize("code", CSV_CODES)
@pytest.mark.parametrize(
    ("encoding", "word"), [("utf-16", "UTF-16"), ("utf-16-le", "编码")]
)
def test_a_wrong_encoding_is_refused(admin, code, encoding, word):
    answer = send(admin, code, as_csv(code, encoding), "表.csv")
    turn()
    kept = Import.objects.first()
    words = kept.refusal if kept else "".join(answer.context["form"].errors["file"])
    assert word in words


@pytest.mark.parametrize("code", CSV_CODES)
def test_a_garbled_heading_names_the_encoding(bring, code):
    content = as_csv(code, "utf-8").decode().encode("big5", "replace")
    words = refused_in_check(bring, code, b"\xff" + content, "表.csv")
    assert "UTF-8" in words


@pytest.mark.parametrize("code", CSV_CODES)
def test_a_formula_among_commas_is_refused(bring, code):
    first = next(iter(ROW[code].values()))
    content = as_csv(code, "utf-8", lambda text: text.replace(first, "=1+1"))
    assert "A2" in refused_in_check(bring, code, content, "表.csv")


@pytest.mark.parametrize("code", CODES)
def test_a_workbook_called_csv_is_refused(admin, code):
    assert ".xlsx" in refused_at_once(admin, code, filled(code, ROW[code]), "表.csv")


def test_commas_are_no_standard(admin):
    assert ".xlsx" in refused_at_once(admin, "catalogue", b"a,b", "表.csv")


@pytest.mark.parametrize("code", CODES)
def test_a_number_too_long_for_any_workbook_is_refused(bring, code):
    first = next(iter(ROW[code]))
    book = filled(code, ROW[code] | {first: 987601})
    long = sheet_changed(
        book, lambda xml: xml.replace(b">987601<", b">" + b"9" * 400 + b"<")
    )
    assert "数据没有改动" in refused_in_check(bring, code, long)


@pytest.mark.parametrize("code", CSV_CODES)
def test_quotes_that_never_end_are_refused(bring, code):
    content = as_csv(code, "utf-8", lambda text: text + '"' + "长" * 140_000)
    assert "引号" in refused_in_check(bring, code, content, "表.csv")


@pytest.mark.parametrize("code", CSV_CODES)
def test_a_row_of_very_many_commas_is_refused(bring, code):
    content = as_csv(code, "utf-8", lambda text: text + "," * 300 + "\n")
    assert "列" in refused_in_check(bring, code, content, "表.csv")


@pytest.mark.parametrize("code", CODES)
def test_more_rows_than_a_table_may_have_are_refused(bring, code, monkeypatch):
    """The limits themselves are tried with 200,000 rows in `test_memory.py`."""
    monkeypatch.setattr(type(BY_CODE[code]), "most_rows", 2)
    words = refused_in_check(bring, code, filled(code, *[ROW[code]] * 3))
    assert "2 行" in words
    assert "拆分" in words


def test_a_reader_that_is_stopped_midway_is_refused_in_words():
    half = "import sys; sys.stdout.write('[1, [null]]\\n[2, [\"a'); sys.exit(9)"
    child = subprocess.Popen(
        [sys.executable, "-c", half], stdout=subprocess.PIPE, text=True
    )
    answers = files._answers(child)
    assert next(answers) == [1, [None]]
    with pytest.raises(Refused, match="读取被中止"):
        next(answers)
