"""Texts that a workbook shares between its cells, as openpyxl itself reads them."""

from io import BytesIO

from exchange.reading import Texts, texts_in

SHARED = """<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
<si><t>单位</t></si><si><t xml:space="preserve"> 两边 </t></si>
<si><r><t>城东</t></r><r><rPr/><t>区</t></r><rPh sb="0" eb="1"><t>cheng</t></rPh></si>
<si/><si><t>A&amp;B</t></si></sst>"""


def test_every_entry_has_its_text_in_its_place():
    texts = Texts()
    for text in texts_in(BytesIO(SHARED.encode())):
        texts.add(text)
    assert [texts[place] for place in range(5)] == [
        "单位", " 两边 ", "城东区", "", "A&B",
    ]  # fmt: skip
