"""HTML and Markdown: the text that a reader sees, and nothing else."""

from __future__ import annotations

import pytest

from ingest.loaders.html import html_page, load_html
from ingest.loaders.markdown import load_markdown
from rag.errors import DocumentError
from rag.types import Page


def read(markup: str) -> Page:
    return html_page(markup, "page.html")


def text(markup: str) -> str:
    return read(f"<html><body>{markup}</body></html>").text


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>SECRET</script>",
        "<style>SECRET</style>",
        "<!-- SECRET -->",
        "<template>SECRET</template>",
        "<noscript>SECRET: switch on JavaScript</noscript>",
        "<p hidden>SECRET</p>",
        '<p style="DISPLAY : none">SECRET</p>',
        '<span style="color:red;visibility:hidden">SECRET</span>',
        '<span style="font-size:0">SECRET</span>',
        '<span aria-hidden="true">SECRET</span>',
        "<div hidden><p>SECRET <b>SECRET</b></p></div>",
        "<nav><ul><li>SECRET</ul></nav>",
        '<div role="navigation">SECRET</div>',
        '<div class="page breadcrumb">SECRET</div>',
        "<select><option>SECRET</select>",
        "<button>Copy</button>",
    ],
)
def test_what_a_reader_does_not_see_is_left_out(hidden: str) -> None:
    assert text(f"<p>before</p>{hidden}<p>after</p>") == "before\n\nafter"


def test_text_after_a_hidden_element_is_kept() -> None:
    assert text("<p>one <i hidden>x</i>two<!-- x --> three</p>") == "one two three"


def test_faint_text_is_still_text() -> None:
    assert text('<p style="opacity:0.5;font-size:0.9em">seen</p>') == "seen"


def test_a_page_of_navigation_only_is_kept() -> None:
    assert text("<nav>Home</nav>") == "Home"


def test_blocks_lists_and_breaks() -> None:
    markup = (
        "<h1>Top</h1><p>One\n  two <b>th</b>ree.<br>Line.</p>"
        "<ul><li>a<li><p>b</p><ul><li>c</ul></ul>"
        "<ol start=3><li>x</li><li></li><li>y</li></ol><dl><dt>Term<dd>Meaning</dl>"
    )
    assert text(markup) == (
        "Top\n\nOne two three.\nLine.\n\n- a\n- b\n  - c\n\n3. x\n5. y\n\nTerm\nMeaning"
    )


def test_tables_keep_their_cells_apart() -> None:
    markup = (
        "<table><tr><th>Item</th><th>Price</th></tr>"
        "<tr><td><p>Fan</p><p>large</p></td><td>3&nbsp;EUR</td></tr><tr><td></td><td>4</td></tr></table>"
    )
    assert text(markup) == "| Item | Price |\n| Fan large | 3 EUR |\n| | 4 |"


def test_layout_tables_read_as_paragraphs() -> None:
    markup = "<table><tr><td>Menu</td><td><h2>Title</h2><p>Body.</p></td></tr></table>"
    assert text(markup) == "Menu\n\nTitle\n\nBody."


def test_preformatted_text_keeps_its_lines() -> None:
    assert text("<pre>if x:\n    y\n\nz</pre>") == "if x:\n    y\n\nz"


def test_source_line_breaks_do_not_part_chinese_words() -> None:
    assert text("<p>本办法适用于全\n   体员工，包括\n<b>实习</b>\n生。 See\nthis.</p>") == (
        "本办法适用于全体员工，包括实习生。 See this."
    )


def test_headings_have_levels_and_offsets() -> None:
    page = read("<h1>One <i>and</i> only</h1><p>x</p><h3>Third &amp; last</h3><h2> </h2>y")
    assert [(h.level, h.text) for h in page.headings] == [(1, "One and only"), (3, "Third & last")]
    assert all(page.text[h.start :].startswith(h.text) for h in page.headings)


def test_the_title_stands_in_for_a_missing_top_heading() -> None:
    page = read("<head><title>Leave policy</title></head><h2>Scope</h2>All.")
    assert page.text == "Leave policy\n\nScope\n\nAll."
    assert [h.level for h in page.headings] == [1, 2]


def test_xhtml_with_an_empty_script_element_is_read_on() -> None:
    markup = (
        '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body>'
        '<script src="x"/><p>Seen</p></body></html>'
    )
    assert read(markup).text == "Seen"


def test_entities_of_a_document_are_not_expanded() -> None:
    markup = (
        '<?xml version="1.0"?><!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        "<html><body><p>a&x;b</p></body></html>"
    )
    assert "root" not in read(markup).text


def test_nesting_is_followed_deep_and_refused_beyond() -> None:
    assert text("<div>" * 1500 + "deep" + "</div>" * 1500) == "deep"
    with pytest.raises(DocumentError, match=r"page\.html nests its elements"):
        text("<p>before</p>" + "<div>" * 5000 + "deep" + "</div>" * 5000 + "<p>after</p>")


def test_declared_gb18030() -> None:
    markup = '<html><head><meta charset="gb2312"></head><body><p>价格：€5</p></body></html>'
    assert load_html(markup.encode("gb18030"), "a.html")[0].text == "价格：€5"


def markdown(source: str) -> Page:
    return load_markdown(source.encode(), "a.md")[0]


def test_markdown_reads_as_rendered() -> None:
    page = markdown(
        "# Guide\n\nSee **the** [manual](http://x) and `code`.\nWrapped 中\n文.\n\n"
        "* one\n* two\n\n| A | B |\n|---|---|\n| 1 | 2 |\n\n```\nx = 1\n```\n<!-- hidden -->\n"
    )
    assert page.text == (
        "Guide\n\nSee the manual (http://x) and code. Wrapped 中文.\n\n- one\n- two\n\n"
        "| A | B |\n| 1 | 2 |\n\nx = 1"
    )
    assert [(h.level, h.text, h.start) for h in page.headings] == [(1, "Guide", 0)]


def test_markdown_front_matter_is_kept_as_lines() -> None:
    page = markdown("---\ntitle: Leave <b> policy\ndate: 2026-01-01\n---\n# Scope\n\nAll.\n")
    assert page.text == "title: Leave <b> policy\ndate: 2026-01-01\n\nScope\n\nAll."
    assert [h.text for h in page.headings] == ["Scope"]


def test_markdown_rule_at_the_top_is_not_front_matter() -> None:
    assert markdown("---\n\nNot a field here\n\n---\n\nMore.").text == "Not a field here\n\nMore."
