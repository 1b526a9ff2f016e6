"""QR codes for the street (ISO/IEC 18004), drawn as SVG."""

import io

import segno

BORDER = 4  # modules of quiet zone, as the standard asks


def svg(text: str) -> str:
    """An `<svg>` element that scales to its box; level M bears some dirt."""
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        drawn, kind="svg", border=BORDER, xmldecl=False, svgclass="qr", lineclass=None,
        omitsize=True, nl=False,
    )  # fmt: skip
    return drawn.getvalue().decode()
