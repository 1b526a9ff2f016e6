"""Give the shapes of a file their codes by name, from a table, as GeoJSON."""

import csv
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from governance.errors import Refused
from grids import files
from grids.files import Feature


class Command(BaseCommand):
    help = "按名称对照表给图形文件补上编码，另存为可导入的 GeoJSON"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="图形文件")
        parser.add_argument("table", type=Path, help="名称与编码对照表（CSV）")
        parser.add_argument("output", type=Path, help="写到这里（GeoJSON）")
        parser.add_argument("--name-field", default="name", help="图形文件的名称字段")
        parser.add_argument("--table-name", default="name", help="对照表的名称列")
        parser.add_argument("--table-code", default="code", help="对照表的编码列")
        parser.add_argument("--suffix", default="", help="名称没有以此结尾时补上")

    def handle(self, *args: Any, **given: Any) -> None:
        field = given["name_field"]
        try:
            features = files.read(given["file"], code_field=field, name_field=field)
            codes = _codes(given)
        except Refused as refused:
            raise CommandError(refused.message) from refused
        except (FileNotFoundError, KeyError) as missing:
            raise CommandError(f"找不到文件或字段：{missing}") from missing
        unknown = [one.name for one in features if one.name not in codes]
        if unknown:
            raise CommandError("对照表里没有：" + "、".join(unknown))
        collection = {
            "type": "FeatureCollection",
            "features": [
                _joined(one, codes[one.name], given["suffix"]) for one in features
            ],
        }
        text = json.dumps(collection, ensure_ascii=False)
        given["output"].write_text(text, encoding="utf-8")
        self.stdout.write(self.style.SUCCESS(f"已对应 {len(features)} 条。"))


def _codes(given: dict[str, Any]) -> dict[str, str]:
    """Codes by name; a name with two codes is refused, for it cannot be joined."""
    found: dict[str, str] = {}
    with given["table"].open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            name, code = row[given["table_name"]], row[given["table_code"]]
            if found.setdefault(name, code) != code:
                raise Refused(f"对照表里“{name}”有两个编码。", code="doubled_name")
    return found


def _joined(feature: Feature, code: str, suffix: str) -> dict[str, Any]:
    name = feature.name.removesuffix(suffix) + suffix
    geometry = json.loads(feature.geometry.json) if feature.geometry else None
    return {
        "type": "Feature",
        "properties": {"code": code, "name": name},
        "geometry": geometry,
    }
