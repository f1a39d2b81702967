"""What only names what is wanted becomes a question; nothing else is touched."""

from __future__ import annotations

import pytest

from rag.complete import completed


@pytest.mark.parametrize(
    ("named", "asked"),
    [
        ("CBA2021-2022赛季总冠军", "CBA2021-2022赛季总冠军是谁？"),
        ("《重生之门》的导演", "《重生之门》的导演是谁？"),
        ("首席技术官", "首席技术官是谁？"),
        ("二十大开幕时间", "二十大开幕时间是什么时候？"),
        ("我国2021年人口出生率", "我国2021年人口出生率是多少？"),
        ("参展人数是", "参展人数是多少？"),
        ("MT-260 的净容积", "MT-260 的净容积是多少？"),
        ("2022年百花奖最佳影片奖", "2022年百花奖最佳影片奖是什么？"),
        ("鹿特丹的住宿标准", "鹿特丹的住宿标准是什么？"),
        ("會議地點", "會議地點在哪里？"),
        ("MT-260 net volume", "What is the MT-260 net volume?"),
        ("the hotel limit in Tokyo", "What is the hotel limit in Tokyo?"),
        ("warranty period of the compressor", "What is the warranty period of the compressor?"),
    ],
)
def test_what_only_names_something_is_asked_for(named: str, asked: str) -> None:
    assert completed(named) == asked


@pytest.mark.parametrize(
    "question",
    [
        "Who approved it?",
        "what is the net volume",
        "pump doesn't start",
        "the pump is leaking",
        "Tell me the revenue",
        "list all offices",
        "warranty",
        "hello there",
        "good morning",
        "and for Tokyo",
        "in the 2026 edition",
        "Revenue, 2024 and 2025",
        "I lost my card",
        "It stopped. What now",
        "谁批准了安全规程？",
        "保修期多长",
        "请列出所有办事处的地址",
        "水泵不出水",
        "机器坏了",
        "总结一下奖金",
        "你好",
        "MT-260 的压缩机",
        "比较两种合同的价格",
        "价格，时间",
        "",
    ],
)
def test_all_else_stays_as_it_is(question: str) -> None:
    assert completed(question) == question
