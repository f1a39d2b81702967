"""HTML: what print shows by its look is text, on both sides: mended, and left alone."""

from __future__ import annotations

import pytest

from ingest.loaders.html import html_page
from ingest.loaders.losses import Losses


def text(markup: str, losses: Losses | None = None) -> str:
    return html_page(f"<html><body>{markup}</body></html>", "page.html", losses).text


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("10<sup>3</sup> germs", "10^3 germs"),
        ("<b>10</b><sup>-2</sup>", "10^-2"),
        ('10<span style="vertical-align: super">6</span>', "10^6"),
        ("12 cm<sup>2</sup>", "12 cm^2"),
        ("the 1<sup>st</sup> of May", "the 1st of May"),
        ("H<sub>2</sub>O", "H2O"),
        ("3<sup>1</sup>/<sub>2</sub> hectares", "3 1/2 hectares"),
        ("3<sup>1</sup>&frasl;<sub>2</sub>", "3 1/2"),
        ("2<sup>3<sup>2</sup></sup>", "2^(3^2)"),
        ('25<sup><a href="#n1">1</a></sup> years', "25[note 1] years"),
        ('25<a role="doc-noteref" href="#n1">1</a> years', "25[note 1] years"),
        ('<p>25<sup>2</sup> years</p><p><sup>2</sup> If cleaned.</p>',
         "25[note 2] years\n\n[note 2] If cleaned."),
        ("x = <math><msup><mi>y</mi><mn>2</mn></msup></math>", "x = y^2"),
        ("3<math><mfrac><mn>1</mn><mn>2</mn></mfrac></math>", "3 1/2"),
    ],
)  # fmt: skip
def test_raised_and_lowered_text(markup: str, expected: str) -> None:
    assert text(f"<p>{markup}</p>" if not markup.startswith("<p>") else markup) == expected


@pytest.mark.parametrize(
    "old",
    [
        "<del>35</del>",
        "<s>35</s>",
        "<strike>35</strike>",
        '<span style="text-decoration:line-through red">35</span>',
        "<del>3<s>5</s></del>",
    ],
)
def test_struck_text_is_left_out_and_said(old: str) -> None:
    losses = Losses()
    assert text(f"<p>EUR {old} <ins>42</ins>.</p>", losses) == "EUR 42."
    assert losses.sentences() == ("1 struck-out passage left out",)


def test_struck_by_a_style_sheet() -> None:
    markup = (
        "<html><head><style>.old, em.gone { text-decoration: line-through }</style></head><body>"
        "<p><span class='old x'>35</span> 42 <em class=gone>9</em> <em>8</em></p></body></html>"
    )
    assert html_page(markup, "a.html").text == "42 8"


def test_underlined_text_is_no_loss() -> None:
    losses = Losses()
    assert text('<p><u>a</u> <span style="text-decoration:underline">b</span></p>', losses) == "a b"
    assert losses.sentences() == ()


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ('<a href="https://x.org/a?b=1">portal</a>.', "portal (https://x.org/a?b=1)."),
        ('<a href="mailto:d@x.org?subject=Hi">the desk</a>', "the desk (d@x.org)"),
        ('<a href="tel:+4912">call</a>', "call (+4912)"),
        ('<a href="//x.org/a">portal</a>', "portal (https://x.org/a)"),
        ('<a href="https://www.x.org/">x.org</a>', "x.org"),
        ('V:8, <a href="https://x.org/8">6470</a>', "V:8, 6470"),
        ('<a href="#top">up</a> <a href="next.html">on</a>', "up on"),
        ('<a href="javascript:go()">go on</a>', "go on"),
        ('<a href="forms/leave.pdf">the form</a>', "the form (forms/leave.pdf)"),
        ('<a href="https://x.org">it</a> and <a href="https://x.org">it</a>',
         "it (https://x.org) and it"),
    ],
)  # fmt: skip
def test_targets_of_links(markup: str, expected: str) -> None:
    assert text(f"<p>{markup}</p>") == expected


def test_a_link_in_a_heading_stands_behind_it() -> None:
    page = html_page('<h1><a href="https://x.org/a">Portal</a></h1><p>b</p>', "a.html")
    assert page.text == "Portal\n\n(https://x.org/a)\n\nb"
    assert [heading.text for heading in page.headings] == ["Portal"]


def test_relative_links_with_a_base() -> None:
    markup = '<html><head><base href="https://x.org/d/"></head><body><a href="a.pdf">form</a>'
    assert html_page(markup, "a.html").text == "form (https://x.org/d/a.pdf)"


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ('<label>Open: <input readonly value="9 to 5"></label>', "Open: 9 to 5"),
        ('<input type="checkbox" checked> car <input type="checkbox"> bus', "[x] car [ ] bus"),
        ('<input type="radio" checked> yes', "[x] yes"),
        ("Pay: <select><option>cash<option selected>card</select>", "Pay: card"),
        ("<textarea>Second car</textarea>", "Second car"),
        ("Full: <meter value=3 max=5></meter>", "Full: 3 of 5"),
        ('a<input type="hidden" value="s"><input type="password" value="s">b', "ab"),
        ("Press <button>Start cycle</button> twice", "Press Start cycle twice"),
        ("<svg><text>Closed on Friday</text></svg>", "Closed on Friday"),
        ('<img src=a.png alt="Map of the hall">', "[picture: Map of the hall]"),
        ('<img src=a.png alt="[Note]"> Mind the step', "Mind the step"),
        (
            '<table><tr><td rowspan=2><img alt="Sign of a bell"></td><th>Note</th></tr>'
            "<tr><td>Mind it.</td></tr></table>",
            "[picture: Sign of a bell]\n\nNote\n\nMind it.",
        ),
    ],
)
def test_controls_and_pictures(markup: str, expected: str) -> None:
    assert text(markup) == expected


@pytest.mark.parametrize(
    "markup",
    [
        "<h2><button aria-expanded=false>How long?</button></h2><div hidden>A week.</div>",
        "<button>How long?</button><p style='display:none'>A week.</p>",
        "<details><summary>How long?</summary><p>A week.</p></details>",
        '<p>How long?</p><div id="p" aria-hidden="true">A week.</div><i aria-controls="p"></i>',
        '<p>How long?</p><div class="accordion-body" hidden>A week.</div>',
        '<p>How long?</p><div role="tabpanel" hidden>A week.</div>',
    ],
)
def test_folded_panels_are_read(markup: str) -> None:
    assert text(markup) == "How long?\n\nA week."


def test_pictures_and_frames_without_text_are_counted() -> None:
    losses = Losses()
    markup = (
        "<p>a</p><img src=x.png><img src=y.png alt=''><img src=z.png width=1 height=1>"
        "<iframe src=m></iframe>"
    )
    assert text(markup, losses) == "a"
    assert losses.sentences() == ("1 picture without text", "1 embedded frame or recording")


def test_spans_and_nested_tables() -> None:
    markup = (
        "<table><tr><th>Day</th><th>Room</th></tr>"
        "<tr><td rowspan=2>Mon</td><td>A<table><tr><td>1</td><td>2</td></tr>"
        "<tr><td>3</td><td>4</td></tr></table></td></tr><tr><td>B</td></tr></table>"
    )
    assert text(markup) == "| Day | Room |\n| Mon | A 1, 2; 3, 4 |\n| Mon | B |"


def test_lists_are_numbered_as_printed() -> None:
    markup = (
        "<ol type=a start=3><li>x</li><li value=7>y</li></ol>"
        "<ol reversed><li>p</li><li>q</li></ol>"
        '<ol style="list-style-type: upper-roman"><li>r</li></ol>'
    )
    assert text(markup) == "c. x\ng. y\n\n2. p\n1. q\n\nI. r"


@pytest.mark.parametrize("head", ["", '<!DOCTYPE html [<!ENTITY firm "Müller &#38; Co">]>'])
def test_named_entities_in_xhtml(head: str) -> None:
    markup = (
        f'<?xml version="1.0"?>{head}<html xmlns="http://www.w3.org/1999/xhtml"><head>'
        "<title>G&auml;ste</title></head><body><p>10&ndash;18&nbsp;h, 5 &lt; 6 &amp; caf&eacute;"
        "</p></body></html>"
    )
    assert html_page(markup, "a.xhtml").text == "Gäste\n\n10–18 h, 5 < 6 & café"


def test_entities_that_a_page_defines() -> None:
    markup = (
        '<?xml version="1.0"?><!DOCTYPE html [<!ENTITY firm "Lund AB">]>'
        '<html xmlns="http://www.w3.org/1999/xhtml"><body><p>Sold by &firm;.</p></body></html>'
    )
    assert html_page(markup, "a.xhtml").text == "Sold by Lund AB."


def test_readings_above_characters_stand_in_brackets() -> None:
    assert text(
        "<p><ruby>京<rt>jing</rt></ruby> <ruby>北<rp>(</rp><rt>bei</rt><rp>)</rp></ruby>"
    ) == ("京(jing) 北(bei)")
