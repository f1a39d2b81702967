"""Kind: whether a sentence can hold what is asked for: a number, a time, a person, a place.

"The editor is SM-MT-CN" stands in the documents word for word and names nobody; no more does "the
opening is on the air" tell when it is, or "1,935 units" what one costs. Seen only where the
question says what kind it wants, and where nothing of the sentence could be of that kind. Pure
functions.
"""

from __future__ import annotations

import re

from rag.attribute import numbers_in
from rag.echo import WHO_ZH, denies, is_open, only_repeats, words_of
from rag.quantities import quantities
from rag.text import detect_language, fold_width, simplify

_BEGINS = r"^\W*(?:(?:and|but|so|then)\W+)?(?:(?:in|on|at|by|for|from|to|since|until)\s+)?"
_MEASURED = (
    "人数|数量|金额|规模|总额|总数|销量|产量|票房|面积|长度|高度|宽度|重量|[全总主跨][长高宽]|桥长"
)
"""Nouns that end a question which only names what is wanted, a number."""
_NUMBER_ASKED = re.compile(
    _BEGINS + r"how (?:many|much|long|old|far|often|high|large|big|fast|heavy|deep|wide|tall)\b"
    r"|多少|(?<!哪)几[^乎]|第几|多[久长大高远重快宽深]"
    rf"|^(?!.*(?:谁|什么|哪)).*(?:{_MEASURED})[是为]?$",
    re.IGNORECASE,
)
_TIME_ASKED = re.compile(
    _BEGINS + r"(?:when(?!\b[^?]*, (?:what|who|which|how|where)\b)"
    r"|(?:what|which) (?:time|day|date|month|year))\b"
    r"|什么时[候间]|何时|何年|几[点号]|哪一?[年月日天周]|哪个[月周]|(?:时间|日期)[是为]?$",
    re.IGNORECASE,
)
_PRICE_ASKED = re.compile(
    r"\b(?:what|how much)\b[^,;]*\b(?:prices?|costs?|fees?|charges?|charged|paid|pay)\b"
    r"(?!\s+(?:time|period|cycle|cent(?:er|re)|day))"
    r"|(?:价格?|费用?|租金|票房)[是为应]*多少|多少钱",
    re.IGNORECASE,
)
_COUNT_ASKED = re.compile(
    r"\bhow many\b(?! of)|多少[台辆个人件家名套户]|(?:销量|产量|人数)[是为达到]*(?:多少|$)",
    re.IGNORECASE,
)
_DATES = re.compile(
    r"(?:\d{4}\s*年)?\s*\d{1,2}\s*月\s*\d{1,2}\s*[日号]|\d{4}\s*年(?![以内间])|\d{1,2}\s*[时点]\s*\d{1,2}\s*分"
    r"|\d{4}-\d{2}-\d{2}|\d{1,2}:\d{2}"
)
"""Dates and times of day: no number of anything."""
_DATE_ASKED = re.compile(
    r"年份|年月|年度|生日|届|(?:多少|[几哪])[年月日号点]|期限|有效期|多长时间|多久|\bhow long\b",
    re.IGNORECASE,
)
"""Asks with 多少 for what may be told as a date, or for a time that two dates may tell."""
_NO_COUNTS = frozenset(("cny", "usd", "eur", "jpy", "gbp", "%"))
"""Units of money and of shares."""
_SHARE_ASKED = re.compile(
    r"\b(?:what|which|how) (?:percentage|per ?cent|share|proportion)\b"
    r"|(?:占比|比例|(?<![汇频速功心辨倍])率)(?:[是为]?多少|[是为]?$)",
    re.IGNORECASE,
)
_SHARE = re.compile(
    r"[%‰％]|\bper ?cent|百分|千分|分之|(?<=[\d一二两三四五六七八九几数])成|倍|(?<![上下])半"
    r"|\b(?:half|third|quarter|fifth)s?\b|\bin \d"
)
_COUNTED = re.compile(
    r"\d[\d.,]*[万亿千百]*(?:units?|pieces?|hours?|days?|weeks?|months?|years?|people|单位|小时|个|[台件辆箱套天日号月年人名])"
    r"(?![a-z])"
)
"""A number that counts something; blanks are left out of what is searched."""
_THINGS = re.compile(
    r"\d[\d.,]*[万亿千百]*(?:episodes?|units?|pieces?|people|persons?|participants|单位"
    r"|[集台件辆箱套名家所次场部本页期层间架艘公斤吨米元]|人(?!大)|个(?!月|半?小时|工作日|星期|季))"
    r"(?![a-z])"
)
"""A number of what is no time; blanks are left out of what is searched."""
_MONEY = re.compile(
    r"\b[A-Z]{3}\s?\d|\d\s?[A-Z]{3}\b|[$€£¥元角币钱]"
    r"|(?i:\b(?:yuan|rmb|dollars?|euros?|pounds?|cents?|free|nothing|at cost)\b)"
)
_PLACE_ASKED = re.compile(
    _BEGINS + r"(?:where|(?:in |at )?(?:what|which) (?:place|city|country|town|venue))\b"
    r"|哪[里儿裡兒]|何[处處地]|什么地[方点]|(?:地点|地址|所在地)[是为]?$",
    re.IGNORECASE,
)
_WHEN = re.compile(
    rf"{_DATES.pattern}|\d{{1,2}}\s*[月日号]|(?:19|20)\d{{2}}年?|[上下]午|凌晨|晚上|星期[一二三四五六日天]"
    r"|\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june|july|"
    r"august|september|october|november|december|\d{1,2}(?:st|nd|rd|th)?|a\.?m|p\.?m)\b",
    re.IGNORECASE,
)
"""What tells when, and nothing else."""
_BEFORE_DATE = re.compile(
    rf"(?:定?[于在]|从|自|到|至)(?:[^，,。；;\d]{{0,6}})(?:{_WHEN.pattern})", re.IGNORECASE
)
_PLACED = re.compile(
    r"[在于位到往赴抵从自至是为]|地[点址处]|[国省市县区州镇乡村路街道馆厅院校楼宫园寺站港岛山河湖海洲城]|\w[A-Z]"
)
"""What a Chinese sentence that tells where something is has: a word for being there, or the end of
a place's name."""
_SINCE_THEN = re.compile(
    r"(?:(?:^|(?<=[，,。；;]))[^，,。；;自从是]*|(?<=是)[^，,。；;是]*)以来(?=[^，,。；;]{0,8}(?:最|首|第))"
)
"""A time that only says since when something has had no like: 金融危机以来最大的."""
_PERSON_ASKED = re.compile(_BEGINS + r"whom?\b|" + WHO_ZH, re.IGNORECASE)
_AMOUNTS = re.compile(
    r"\b(?:an?|one|single|both|none?|nothing|never|always|half|twice|once|double|several|few|dozens?|"
    r"all|every|each|any|whole|full|daily|weekly|monthly|yearly|annual\w*|quarterly|regularly|free|"
    r"many|much|most|majority|hundreds|thousands|millions|rarely|seldom|often|sometimes|centur\w+|"
    r"unlimited|until|till|as long|life\w*|permanent\w*|forever|at cost|depends?|varies)\b"
    r"|[一二两三四五六七八九十百千万亿每无免双单永]|(?<![上下])半|[很许]多|多[数年次个]|很少|不限|不受|没有|终身|直[到至]|按实|实际|取决",
    re.IGNORECASE,
)
_TIMES = re.compile(
    r"\b(?:today|yesterday|tomorrow|now|currently|soon|later|immediately|always|never|(?:mon|tues|"
    r"wednes|thurs|fri|satur|sun)days?|january|february|march|april|may|june|july|august|september|"
    r"october|november|december|spring|summer|autumn|fall|winter|mornings?|afternoons?|evenings?|"
    r"nights?|noon|midnight|days?|weeks?|months?|years?|quarters?|daily|weekly|monthly|yearly|every|"
    r"each|after|before|until|till|end|beginning|centur\w+|when\w*|once|while|during|upon|as soon|"
    r"at|if|since|first|last)\b"
    r"|[今昨明每春夏秋冬早晚夜前后初末节周]|结束|世纪|现在|星期|上午|下午|中午|凌晨|期间|(?<!同)时(?![间候])"
    r"|[当旦即]|随时|从未|永远|年底|月底",
    re.IGNORECASE,
)
_NAMED = re.compile(rf"(?:率|时间|日期|占比|比例|价格|费用|{_MEASURED})[是为]?$")
"""Ends a question that only names what is wanted: 2022 年的出生率."""
_YEAR = re.compile(r"(?:19|20)\d{2}")
_NOTE = re.compile(r"\[\d{1,3}\]")
"""Points to a note, and is no number of anything."""
_END = " ?？。.!！"
_CODE = re.compile(r"\b[A-Za-z]+-?\d[\w-]*\b|\b[A-Z]{1,6}(?:[-_/][A-Z0-9]+)+\b", re.ASCII)


def says_nothing(question: str, sentence: str) -> bool:
    """Whether `sentence` is no answer whatever the documents say: it only repeats the question, or
    cannot hold what is asked for."""
    return only_repeats(question, sentence) or is_of_another_kind(question, sentence)


def is_of_another_kind(question: str, sentence: str) -> bool:
    """Whether an open `question` wants a number, a price, a time or a person, and `sentence` has
    none that the question did not say, nor denies it; or wants a place, and it only tells when."""
    sentence = _NOTE.sub("", sentence)
    asked, told = (simplify(fold_width(text)) for text in (question.rstrip(_END), sentence))
    if not (is_open(question) or _NAMED.search(asked)) or denies(question, sentence):
        return False
    if _PERSON_ASKED.search(asked):
        added = words_of(_CODE.sub(" ", sentence)) - words_of(question)
        return all(map(_YEAR.fullmatch, added))
    if _PLACE_ASKED.search(asked) and _WHEN.search(told):
        left = _BEFORE_DATE.sub(" ", told)
        added = words_of(_WHEN.sub(" ", left)) - words_of(question)
        return not added or (detect_language(told) == "zh" and not _PLACED.search(left))
    if _PRICE_ASKED.search(asked) and not _MONEY.search(sentence) and _only_counts(asked, told):
        return True
    if _SHARE_ASKED.search(asked) and not _SHARE.search(told) and _only_counts(asked, told):
        return True
    if _COUNT_ASKED.search(asked) and _only_in(_NO_COUNTS, asked, told):
        return True
    time_asked = _TIME_ASKED.search(asked) is not None
    told = _SINCE_THEN.sub(" ", told) if time_asked else told
    if time_asked and _only_counts(asked, told, _THINGS):
        return not _TIMES.search(told)
    dated = time_asked or _DATE_ASKED.search(asked)
    if _has_new_number(asked, told if dated else _DATES.sub(" ", told)):
        return False
    if time_asked:
        return not _TIMES.search(told)
    return bool(_NUMBER_ASKED.search(asked)) and not _AMOUNTS.search(told)


def _only_counts(asked: str, told: str, counted: re.Pattern[str] = _COUNTED) -> bool:
    """Whether every number that `told` adds counts something."""
    joined = re.sub(r"(?<=\d)\s+", "", told)
    counts = " ".join(match.group() for match in counted.finditer(joined))
    added = numbers_in(told) - numbers_in(asked)
    return bool(added) and added <= numbers_in(counts)


def _only_in(units: frozenset[str], asked: str, told: str) -> bool:
    """Whether every number that `told` adds is an amount in one of these units."""
    said = [q.value for q in quantities(asked)]
    added = [q for q in quantities(told) if q.value not in said]
    return bool(added) and all(q.unit in units for q in added)


def _has_new_number(asked: str, told: str) -> bool:
    """Whether `told` has a number that `asked` has not, or that one in another unit."""
    said = {(q.value, q.unit) for q in quantities(asked)}
    return bool(
        numbers_in(told) - numbers_in(asked) or {(q.value, q.unit) for q in quantities(told)} - said
    )
