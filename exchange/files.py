"""Take an uploaded file apart, safely; what cannot be taken is refused in words."""

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext as _

from exchange.reading import Layout
from governance.errors import Refused

MAX_BYTES = 60 * 1024 * 1024
MAX_UNPACKED = 400 * 1024 * 1024
MAX_RATIO = 400
SUSPECT_BYTES = 20 * 1024 * 1024
MAX_ENTRIES = 2000
MARK_SECONDS = 300
SUFFIXES = (".xlsx", ".csv")
OLE = b"\xd0\xcf\x11\xe0"
ZIP = b"PK\x03\x04"


@dataclass(frozen=True)
class Found:
    """The table in the file; `columns` are those of the layout that it has."""

    sheet: str
    header: int
    columns: list[str]
    extra: list[str]


def refused(code: str, words: str, **more: Any) -> Refused:
    return Refused(words % more if more else words, code=code, field="file")


def must_be_table(path: Path) -> None:
    """Refuse what is no table, or would unpack into too much; nothing is unpacked."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise refused(
            "suffix", _("只接受 .xlsx 工作簿和 .csv 文件，请另存为其中一种后上传。")
        )
    size = path.stat().st_size
    if size == 0:
        raise refused("empty", _("文件是空的，请重新选择。"))
    if size > MAX_BYTES:
        raise refused(
            "too_large",
            _("文件超过 %(most)d MB，请拆分后上传。"),
            most=MAX_BYTES // 1024 // 1024,
        )
    with path.open("rb") as file:
        start = file.read(512)
    if suffix == ".csv":
        _must_be_text(start)
    else:
        _must_be_packed(start)
        _must_be_workbook(path)


def _must_be_text(start: bytes) -> None:
    if start.startswith((OLE, ZIP)):
        raise refused(
            "disguised",
            _("这是 Excel 工作簿，只是扩展名写成了 .csv；请改回 .xlsx 后上传。"),
        )
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise refused(
            "encoding",
            _("CSV 的文字编码是 UTF-16，请另存为 UTF-8（或 GB18030）后上传。"),
        )


def _must_be_packed(start: bytes) -> None:
    if start.startswith(OLE):
        raise refused(
            "disguised",
            _(
                "这是旧版 Office 文件（.xls、.doc）或加了密码的文件，不是 .xlsx；"
                "请在 Excel 中去掉密码并另存为 .xlsx 后上传。"
            ),
        )
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise refused(
            "disguised",
            _(
                "这是网页（HTML）或 XML，只是扩展名写成了 .xlsx；"
                "请在 Excel 中打开并另存为 .xlsx 后上传。"
            ),
        )
    if not start.startswith(ZIP):
        raise refused(
            "not_a_workbook",
            _("打不开这个文件，它不是 .xlsx 工作簿；请在 Excel 中另存为 .xlsx。"),
        )


def _must_be_workbook(path: Path) -> None:
    """From the directory at the end of the file alone."""
    try:
        with zipfile.ZipFile(path) as packed:
            entries = packed.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise refused(
            "not_a_workbook", _("文件已损坏，打不开；请在 Excel 中重新保存后上传。")
        ) from error
    unpacked = sum(one.file_size for one in entries)
    ratio = unpacked / max(1, sum(one.compress_size for one in entries))
    bomb = unpacked > SUSPECT_BYTES and ratio > MAX_RATIO
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or bomb:
        raise refused(
            "bomb",
            _("文件解开后有 %(size)d MB，不像一张正常的表，没有打开；请拆分后上传。"),
            size=unpacked // 1024 // 1024,
        )
    names = {one.filename for one in entries}
    if any(one.flag_bits & 1 for one in entries):
        raise refused("password", _("文件加了密码，请去掉密码后上传。"))
    if "xl/vbaProject.bin" in names:
        raise refused("macros", _("文件带有宏，请另存为不带宏的 .xlsx 后上传。"))
    if not {"[Content_Types].xml", "xl/workbook.xml"} <= names:
        raise refused(
            "not_a_workbook",
            _("这是压缩包，不是 Excel 工作簿（.xlsx）；请上传填好的模板。"),
        )


def table(path: Path, layout: Layout) -> tuple[Found, Iterator[tuple[int, list[Any]]]]:
    """The table in the file, and its rows while they are read by a child process."""
    must_be_table(path)
    lines = _told(path, layout)
    return Found(**next(lines)), lines


def _told(path: Path, layout: Layout) -> Iterator[Any]:
    order = json.dumps(asdict(layout)) + "\n"
    with tempfile.TemporaryFile("w+") as given:
        given.write(order)
        given.seek(0)
        child = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "exchange.reading", str(path)],
            cwd=settings.BASE_DIR,
            env=_plain_environment(),
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
    try:
        yield from _answers(child)
    finally:
        child.kill()
        child.wait()


def _answers(child: "subprocess.Popen[str]") -> Iterator[Any]:
    if child.stdout is None:
        raise RuntimeError("the child was started with a pipe")
    started = False
    with child.stdout as answers:
        for line in answers:
            if not line.endswith("\n"):
                break  # the child was stopped in the middle of it
            told = json.loads(line)
            if isinstance(told, dict) and "refused" in told:
                raise in_words(told)
            started = True
            yield told
    if child.wait() != 0 or not started:
        raise in_words({"refused": "memory"})


def _plain_environment() -> dict[str, str]:
    """No secrets for a process that parses what strangers upload."""
    kept = ("PATH", "LANG", "PYTHONPYCACHEPREFIX", "PYTHONDONTWRITEBYTECODE", "TMPDIR")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "PYTHONIOENCODING": "utf-8",
        "PYTHONUTF8": "1",
        "OPENPYXL_LXML": "False",
    }


def in_words(told: dict[str, Any]) -> Refused:
    """What the child refused, as a sentence."""
    code = told.pop("refused")
    return refused(code, _WORDS.get(code, _WORDS["unreadable"])(told))


def _merged(told: dict[str, Any]) -> str:
    return _(
        "工作表“%(sheet)s”的表格区域有合并单元格（%(cells)s，共 %(n)d 处）。"
        "请取消合并，每行写全后上传。"
    ) % {**told, "cells": "、".join(told["cells"])}


def _formula(told: dict[str, Any]) -> str:
    return _(
        "工作表“%(sheet)s”的 %(cells)s 是公式。请复制后“选择性粘贴”为数值再上传。"
    ) % {**told, "cells": "、".join(told["cells"])}


def _header(told: dict[str, Any]) -> str:
    return _(
        "找不到表头，缺少：%(missing)s。文件里的列：%(found)s。请用下载的模板。"
    ) % {
        "missing": "、".join(told["missing"]),
        "found": "、".join(told["found"]) or _("无"),
    }


_WORDS: dict[str, Callable[[dict[str, Any]], str]] = {
    "merged": _merged,
    "formula": _formula,
    "header": _header,
    "header_csv": lambda told: (
        _header(told) + _("表头若是乱码，请把 CSV 另存为 UTF-8 编码。")
    ),
    "doubled": lambda told: (
        _("表头里有重复的列：%(columns)s。请删去多余的。")
        % {"columns": "、".join(told["columns"])}
    ),
    "dimension": lambda told: (
        _(
            "工作表“%(sheet)s”标明有 %(rows)d 行 %(columns)d 列，超出上限，没有打开。"
            "请删除多余的空白行列，或拆分后上传。"
        )
        % told
    ),
    "columns": lambda told: (
        _("“%(sheet)s”超过 %(most)d 列，请删除多余的列后上传。") % told
    ),
    "rows": lambda told: _("数据超过 %(most)d 行，请拆分后上传。") % told,
    "cells": lambda told: _("表格太大（超过 %(most)d 格），请拆分后上传。") % told,
    "encoding": lambda told: _(
        "认不出 CSV 的文字编码，请另存为 UTF-8（或 GB18030）后上传。"
    ),
    "not_csv": lambda told: _(
        "CSV 的格式不对（引号没有成对，或单元格太长），请重新保存后上传。"
    ),
    "memory": lambda told: _(
        "文件内容过大或结构异常，读取被中止，数据没有改动；请拆分后上传。"
    ),
    "unreadable": lambda told: _(
        "文件已损坏或结构不对，读不下去，数据没有改动；请在 Excel 中重新保存。"
    ),
}


def mark(
    path: Path, out: Path, found: Found, reasons: Iterable[tuple[int, str]]
) -> None:
    """The file once more with a column 错误原因."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as given:
        _write_reasons(given, found, reasons)
        given.seek(0)
        try:
            subprocess.run(  # noqa: S603 - our own module
                [sys.executable, "-m", "exchange.marking", str(path), str(out)],
                cwd=settings.BASE_DIR,
                env=_plain_environment(),
                stdin=given,
                capture_output=True,
                timeout=MARK_SECONDS,
                check=True,
            )
        except subprocess.SubprocessError as error:
            raise in_words({"refused": "memory"}) from error


def _write_reasons(
    file: IO[str], found: Found, reasons: Iterable[tuple[int, str]]
) -> None:
    file.write(json.dumps({"sheet": found.sheet, "header": found.header}) + "\n")
    for row, reason in reasons:
        file.write(json.dumps([row, reason], ensure_ascii=False) + "\n")
