"""Complete: a question that only names what is wanted ("MT-260 net volume", 2022 年的出生率), made
whole.

People type as into a search box. The encoder that tells which sentence answers, and a small
language model, know whole questions: asked "who is the champion" instead of "champion" they are
less easily content with what is merely about it. In Chinese only what ends with a noun that tells
how to ask is touched; in English what has none of the words by which a sentence, an order, a
greeting or the rest of a conversation is known. Pure functions.
"""

from __future__ import annotations

import re

from rag.text import CJK, detect_language, fold_width, simplify

_MOST_CHARS = 60
_MOST_WORDS = 10
_PUNCTUATION = re.compile(r"[?？!！。；;，,:：\n]|\.\s|\.$")
_ASKED_ZH = re.compile(
    r"谁|什么|何|哪|几|多少|吗|怎|咋|是否|有没有|能否|可否|是不是|多[久长大高远重快宽深]|第几|为啥|呢|吧"
)
_NO_NAME_ZH = re.compile(
    r"^(?:请|列|说|告诉|介绍|总结|概括|概述|比较|对比|解释|说明|描述|写|翻译|给|帮|我(?![国们司校院厂省市军方])|你|您|如果|把|查|找)"
    r"|[了过着]$|不|没|无法|未|坏|已|应该|可以|能够|必须"
)
_KINDS_ZH: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?:时间|日期|时刻|日子)$"), "是什么时候"),
    (
        re.compile(
            r"(?:冠军|亚军|季军|得主|获得者|获奖者|导演|主演|主角|作者|编剧|主编|编辑|创始人|负责人|"
            r"总裁|首席\w{1,3}官|董事长|总经理|经理|主任|部长|局长|校长|院长|行长|会长|队长|主席|总理|"
            r"总统|首相|秘书长?|教练|联系人|审批人|批准人|主持人|演员|发明者?人|继任者|接班人)$"
        ),
        "是谁",
    ),
    (
        re.compile(
            r"(?:[数总容质产销储含流载用重音尺][量数]|数|量|额|率|值|价|价格|费|费用|租金|奖金|工资|票房|收入|"
            r"利润|成本|规模|金额|占比|比例|面积|体积|容积|长度|高度|宽度|深度|厚度|重量|温度|湿度|速度|浓度|"
            r"震级|等级|年龄|寿命|电话|号码|席位|[全总主跨][长高宽]|限额|上限|下限|期限|保修期|有效期)$"
        ),
        "是多少",
    ),
    (re.compile(r"(?:地点|地址|位置|所在地|总部|产地)$"), "在哪里"),
    (
        re.compile(
            r"(?:奖|成绩|结果|词汇|判决|名称|名字|型号|代码|编号|原因|目的|内容|条件|要求|方法|步骤|流程|"
            r"政策|规定|标准|措施|范围|功能|用途|区别|主题|口号|职责|定义|含义|金牌|队伍|颜色|材料)$"
        ),
        "是什么",
    ),
)
"""Endings of what is named, and how it is asked for; the first that fits counts."""
_ASKED_EN = re.compile(
    r"^\W*(?:who|whom|whose|what|which|when|where|why|how|is|are|was|were|do|does|did|can|could|"
    r"will|would|shall|should|may|might|must|has|have|had|am|if|tell|list|name|give|show|explain|"
    r"describe|compare|summari[sz]e|write|translate|find|please|help|let|say|hello|hi|hey|thanks?|"
    r"thank|ok|okay|yes|no|good|welcome|and|or|but|so|then|also|for|in|on|at|by|with|without|"
    r"about|to|from|of|as|because|since|until)\b",
    re.IGNORECASE,
)
_NO_NAME_EN = re.compile(
    r"\b(?:is|are|was|were|be|been|do|does|did|has|have|had|can|could|will|would|shall|should|may|"
    r"might|must|not|never|who|what|which|when|where|why|how|i|we|you|it|they|he|she|me|us|them|"
    r"that|cannot)\b|n['’]t\b|\w['’](?:re|m|ve|ll)\b",
    re.IGNORECASE,
)
_DETERMINED = re.compile(r"^(?:the|an?|my|our|your|their|its|his|her|this|these)\b", re.IGNORECASE)
_HAN = re.compile(f"[{CJK}]")


def completed(question: str) -> str:
    """`question` as one that asks, if it only names what is wanted; else as it is."""
    named = question.strip()
    if len(named) > _MOST_CHARS or _PUNCTUATION.search(named):
        return question
    if detect_language(named) == "zh":
        return _completed_zh(named) or question
    return _completed_en(named) or question


def _completed_zh(named: str) -> str | None:
    folded = simplify(fold_width(named))
    if _ASKED_ZH.search(folded) or _NO_NAME_ZH.search(folded):
        return None
    bare = named.rstrip("是为")
    for ending, asked in _KINDS_ZH:
        if ending.search(simplify(fold_width(bare))):
            return f"{bare}{asked}？"
    return None


def _completed_en(named: str) -> str | None:
    words = named.split()
    if not 2 <= len(words) <= _MOST_WORDS or _HAN.search(named):
        return None
    if _ASKED_EN.search(named) or _NO_NAME_EN.search(named):
        return None
    article = "" if _DETERMINED.search(named) else "the "
    return f"What is {article}{named}?"
