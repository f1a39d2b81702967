"""MathML and OMML on one line."""

from __future__ import annotations

import pytest
from lxml import etree

from ingest.loaders.formulas import formula

OMML = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'


def r(text: str) -> str:
    return f"<m:r><m:t>{text}</m:t></m:r>"


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<mfrac><mn>3</mn><mn>4</mn></mfrac>", "3/4"),
        ("<mn>3</mn><mfrac><mn>1</mn><mn>2</mn></mfrac>", "3 1/2"),
        ("<msup><mn>10</mn><mn>3</mn></msup>", "10^3"),
        ("<msup><mi>x</mi><mrow><mi>n</mi><mo>+</mo><mn>1</mn></mrow></msup>", "x^(n + 1)"),
        ("<msqrt><mn>2</mn></msqrt>", "sqrt(2)"),
        ("<mroot><mn>8</mn><mn>3</mn></mroot>", "root3(8)"),
        ("<msub><mi>v</mi><mn>0</mn></msub>", "v_0"),
        ("<semantics><mi>a</mi><annotation>\\alpha</annotation></semantics>", "a"),
    ],
)
def test_mathml(markup: str, text: str) -> None:
    assert formula(etree.fromstring(f"<math>{markup}</math>")) == text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        (f"<m:f><m:num>{r('3')}</m:num><m:den>{r('4')}</m:den></m:f>", "3/4"),
        (f"<m:sSup><m:e>{r('10')}</m:e><m:sup>{r('3')}</m:sup></m:sSup>", "10^3"),
        (f"<m:rad><m:deg/><m:e>{r('2')}</m:e></m:rad>", "sqrt(2)"),
        (f"<m:d><m:dPr><m:begChr m:val='['/><m:endChr m:val=']'/></m:dPr><m:e>{r('a')}</m:e></m:d>",
         "[a]"),
    ],
)  # fmt: skip
def test_omml(markup: str, text: str) -> None:
    assert formula(etree.fromstring(f"<m:oMath {OMML}>{markup}</m:oMath>")) == text
