"""Say the same in other words: for claims that must stay as true, or as false, as they were.

Answers of language models and people differ from the evidence in case, spacing, lead-ins, common
synonyms and spelled numbers; a scorer trained on near copies alone takes any such change for a
falsehood. Rules and lists are own work; English and simplified Chinese.
"""

from __future__ import annotations

import random
import re

from rag.text import detect_language

LEADS_EN = (
    "Yes, ", "Yes. ", "Well, ", "Actually, ", "Oh yes, ", "Sure. ", "I do. ", "Not really, ",
    "Maybe, ", "Yeah, ", "According to the documents, ", "According to the passage, ",
    "The document states that ", "As far as the text says, ", "In fact, ", "It is said that ",
    "Based on the information provided, ", "The answer is that ", "I see. ", "Right, ",
)  # fmt: skip
LEADS_ZH = (
    "是的,", "根据资料,", "根据文档,", "据文中所述,", "资料显示,", "文中提到,", "其实,", "答案是:",
    "根据提供的信息,", "好的,", "可以看出,", "简单来说,", "据介绍,", "据了解,", "实际上,",
    "文档指出,",
)  # fmt: skip
SYNONYMS_EN = (
    ("United States", "US"), ("United States", "USA"), ("United Kingdom", "UK"),
    ("began", "started"), ("begin", "start"), ("begins", "starts"), ("approximately", "about"),
    ("around", "about"), ("due to", "because of"), ("also known as", "also called"),
    ("known as", "called"), ("located in", "situated in"), ("large", "big"),
    ("often", "frequently"),
    ("many", "a lot of"), ("numerous", "many"), ("such as", "like"), ("including", "such as"),
    ("use", "utilise"), ("used", "utilised"), ("purchase", "buy"), ("purchased", "bought"),
    ("obtain", "get"), ("obtained", "got"), ("received", "got"), ("created", "made"),
    ("built", "constructed"), ("founded", "established"), ("company", "firm"),
    ("children", "kids"), ("movie", "film"), ("kinds", "types"), ("kind", "type"),
    ("primarily", "mainly"), ("mostly", "mainly"), ("however", "but"), ("although", "though"),
    ("until", "till"), ("nearly", "almost"), ("whole", "entire"), ("show", "demonstrate"),
    ("showed", "demonstrated"), ("shows", "demonstrates"), ("suggest", "indicate"),
    ("suggests", "indicates"), ("result in", "lead to"), ("resulted in", "led to"),
    ("carried out", "performed"), ("conducted", "carried out"), ("provide", "give"),
    ("provides", "gives"), ("provided", "given"), ("required", "needed"), ("require", "need"),
    ("requires", "needs"), ("allow", "let"), ("help", "assist"), ("ended", "finished"),
    ("became", "turned into"), ("important", "significant"), ("in order to", "to"),
    ("is able to", "can"), ("was able to", "could"), ("has to", "must"), ("have to", "must"),
    ("may", "might"), ("throughout", "all over"), ("prior to", "before"), ("following", "after"),
    ("as well as", "and"), ("are not", "aren't"), ("is not", "isn't"),
    ("was not", "wasn't"), ("did not", "didn't"), ("do not", "don't"), ("cannot", "can't"),
    ("will not", "won't"), ("it is", "it's"), ("personal information", "personal data"),
    ("website", "site"), ("e-mail", "email"), ("percent", "%"), ("population", "inhabitants"),
    ("roughly", "about"), ("various", "several"), ("famous", "well-known"), ("attack", "assault"),
    ("defeated", "beat"), ("passed away", "died"), ("died", "passed away"), ("city", "town"),
    ("people", "persons"), ("part of", "a portion of"),
)  # fmt: skip
SYNONYMS_ZH = (
    ("开始", "起初"), ("成立", "创立"), ("建立", "设立"), ("位于", "坐落于"), ("大约", "约"),
    ("因为", "由于"), ("但是", "不过"), ("并且", "而且"), ("以及", "和"), ("称为", "叫做"),
    ("被称为", "被叫作"), ("担任", "出任"), ("获得", "取得"), ("使用", "采用"), ("认为", "觉得"),
    ("目前", "现在"), ("曾经", "曾"), ("可以", "能够"), ("主要", "大多"), ("许多", "很多"),
    ("不少", "很多"), ("逝世", "去世"), ("诞生", "出生"), ("父母", "双亲"), ("学校", "院校"),
    ("公司", "企业"), ("导致", "造成"), ("引发", "引起"), ("之后", "以后"), ("以前", "之前"),
    ("当时", "那时"), ("今日", "今天"), ("亦", "也"), ("皆", "都"), ("与", "和"), ("及", "和"),
    ("该", "这"), ("其中", "当中"), ("达到", "达"), ("超过", "多于"), ("首次", "第一次"),
    ("共有", "一共有"), ("仅", "只"), ("需", "需要"), ("将", "会"), ("即", "也就是"),
    ("则", "就"), ("若", "如果"), ("例如", "比如"), ("等等", "等"), ("人口", "居民"),
    ("击败", "打败"), ("战胜", "打败"), ("拥有", "有"), ("属于", "归属于"), ("建造", "修建"),
    ("发表", "发布"), ("举行", "举办"), ("参与", "参加"), ("提供", "给予"), ("购买", "买"),
    ("帮助", "协助"), ("重要", "关键"), ("著名", "知名"), ("迅速", "很快"), ("通常", "一般"),
    ("部分", "一部分"), ("全部", "所有"), ("期间", "时期"), ("地区", "区域"), ("国家", "国"),
)  # fmt: skip
_DROPPABLE_EN = re.compile(
    r"\b(?:very|also|therefore|however|currently|particularly|especially|indeed|then|moreover|"
    r"furthermore|respectively|previously|officially|originally|subsequently|usually)\b,? ?",
    re.IGNORECASE,
)
_DROPPABLE_ZH = re.compile(
    r"因此,?|此外,?|同时,?|其后,?|随后,?|另外,?|更|非常|十分|相当|正式|也|亦"
)
_SPELLED = (
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip
_PRONOUNS = ("It", "He", "She", "They")
_FIRST_NAME = re.compile(r"^(?:The )?[A-Z][\w'-]+(?: [A-Z][\w'-]+)* (?=(?:is|was|has|had|are)\b)")


def restyle(sentence: str, rng: random.Random) -> str:
    """The same statement, changed in none to several ways."""
    chinese = detect_language(sentence) == "zh"
    changed = _synonyms(sentence, rng, chinese)
    if rng.random() < 0.2:
        changed = (_DROPPABLE_ZH if chinese else _DROPPABLE_EN).sub("", changed)
    return _restyle_zh(changed, rng) if chinese else _restyle_en(changed, rng)


def lower_both(claim: str, evidence: str, rng: random.Random) -> tuple[str, str]:
    """Now and then both texts in lower case, as chat logs have them."""
    if rng.random() < 0.12 and len(claim.lower()) == len(claim):
        return claim.lower(), evidence.lower()
    return claim, evidence


def _restyle_en(sentence: str, rng: random.Random) -> str:
    if rng.random() < 0.3:
        sentence = _spell_numbers(sentence, rng)
    if rng.random() < 0.12:
        sentence = _FIRST_NAME.sub(rng.choice(_PRONOUNS) + " ", sentence)
    if rng.random() < 0.15:
        sentence = re.sub(r"[–—]", "-", sentence)
    if rng.random() < 0.25:
        sentence = rng.choice(LEADS_EN) + sentence
    if rng.random() < 0.15:
        sentence = sentence.rstrip(". ")
    if rng.random() < 0.15:
        sentence = re.sub(r"(?<=\w)([.,;!?])(?=\s|$)", r" \1", sentence)
    return sentence.lower() if rng.random() < 0.12 else sentence


def _restyle_zh(sentence: str, rng: random.Random) -> str:
    if rng.random() < 0.25:
        sentence = rng.choice(LEADS_ZH) + sentence
    if rng.random() < 0.15:
        sentence = sentence.rstrip("。")
    return sentence


def _synonyms(sentence: str, rng: random.Random, chinese: bool) -> str:
    """Up to three words exchanged for their like, either way."""
    pairs = SYNONYMS_ZH if chinese else SYNONYMS_EN
    left = rng.choice((0, 1, 1, 2, 3))
    for old, new in rng.sample(pairs, len(pairs)):
        if not left:
            break
        if rng.random() < 0.5 and not chinese:
            old, new = new, old
        pattern = re.escape(old) if chinese else rf"(?<!\w){re.escape(old)}(?!\w)"
        found = re.search(pattern, sentence)
        if found:
            sentence = sentence[: found.start()] + new + sentence[found.end() :]
            left -= 1
    return sentence


def _spell_numbers(sentence: str, rng: random.Random) -> str:
    for value, word in enumerate(_SPELLED, start=2):
        old, new = (word, str(value)) if rng.random() < 0.5 else (str(value), word)
        sentence = re.sub(rf"(?<![\w.,-]){old}(?![\w.,%-])", new, sentence)
    return sentence
