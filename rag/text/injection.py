"""Documents are data: take the power out of text that addresses the model.

Two measures, both on the text that goes into a prompt and never on what is stored or quoted:
control tokens of chat templates and invisible characters are removed, and sentences that speak to
the model instead of the reader are recognised, so that they are not chosen. Neither is a proof;
`benchmarks/injections.py` measures what they and the prompt achieve together.
"""

from __future__ import annotations

import re
import unicodedata

_CONTROL_TOKEN = re.compile(
    r"<\s*\|[^|<>\n]{0,40}\|\s*>"
    r"|<｜[^｜<>\n]{0,40}｜>"
    r"|\[/?(?:INST|SYS|SYSTEM|USER|ASSISTANT)\]|<</?SYS>>"
    r"|</?s>|<(?:start|end)_of_turn>|<(?:bos|eos|pad|unk)>"
    r"|</?(?:system|assistant|user|instructions?|passages?|tool_call|tool_response|think)\b[^>\n]{0,40}>",
    re.IGNORECASE,
)
_ROLE_LINE = re.compile(
    r"(?im)^[ \t]*(?:#+[ \t]*)?(?:system|assistant|user|human|developer|系统|助手|用户)"
    r"(?:[ \t]+(?:message|prompt|消息|提示))?[ \t]*[:：]"
)
_FENCE = re.compile(r"<{3,}|>{3,}|`{3,}|={4,}|-{4,}|#{4,}")
_MODEL = r"(?:ai|a\.i\.|assistant|language model|llm|chat ?bot|gpt)"
_ADDRESSES = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass|discard)\b[^.!?\n]{0,60}\b"
    r"(?:instruction|prompt|guideline|system message|(?:previous|prior|above|other) "
    r"(?:text|rule|message|context|passage|document|source)|everything (?:above|before|else))"
    rf"|\byou are (?:now|no longer|actually) (?:an? )?[^.!?\n]{{0,30}}"
    rf"\b(?:{_MODEL}|bound|restricted|pirate|dan)\b"
    rf"|\byou are an? (?:\w+ ){{0,3}}{_MODEL}\b"
    rf"|\b(?:act|behave) as (?:an? )?(?:\w+ ){{0,2}}(?:{_MODEL}|pirate)\b"
    r"|\bpretend (?:to be|that you|you)\b"
    r"|\bfrom now on,? (?:you|answer|reply|respond|always)\b"
    r"|\bnew (?:system )?(?:instruction|prompt)s?\b|\bsystem (?:prompt|override)\b"
    r"|\byour (?:final |only |entire |next )?(?:answer|reply|response|output) "
    r"(?:must|should|shall|has to|is|will) "
    r"|\b(?:reply|respond|answer)\b[^.!?\n]{0,40}\b(?:only with|with only|with nothing but|"
    r"exactly|with the (?:word|phrase|text|string|sentence|following))"
    r"|\b(?:output|print|say|repeat|write)\b (?:only |exactly |out )*(?:the )?"
    r"(?:word|phrase|string|following (?:text|sentence|word))s?\b"
    rf"|\b(?:note|message|attention|instructions?|reminder|orders?|memo) (?:to|for) "
    rf"(?:the |any |all |every )?(?:\w+ )?{_MODEL}s?\b"
    rf"|\b{_MODEL}s?(?: model| assistant| system)?s?,? (?:that |which |who )?(?:is |are )?"
    r"(?:read|process|summar|answer|index|parsing|pars)\w*"
    rf"|\b(?:dear|hey|attention,?) {_MODEL}\b|\bas an? {_MODEL}\b"
    r"|\b(?:reveal|disclose|leak|print|show|repeat)\b[^.!?\n]{0,30}\b(?:system prompt|your prompt|"
    r"your instructions|hidden instructions)"
    r"|\b(?:answer|tell|inform|assure) (?:every|any|the|all) (?:question|user|person asking)s?\b"
    r"[^.!?\n]{0,20}\b(?:with|that|instead|only)\b"
    r"|\bwhen(?:ever)? (?:asked|someone asks|the user asks|you are asked)\b"
    r"|\b(?:do not|don't|never) (?:answer (?:the|this) question|cite|mention (?:this|the) "
    r"(?:passage|document|instruction)|use the other (?:passages|documents))",
    re.IGNORECASE,
)
_MODEL_ZH = r"(?:AI|人工智能|语言模型|大模型|聊天机器人|智能助手|AI助手)"
_ADDRESSES_ZH = re.compile(
    r"(?:忽略|无视|忘记|忘掉|不要理会|不必理会|抛开|覆盖)[^。！？\n]{0,16}"
    r"(?:指令|指示|提示|规则|要求|设定|限制|上文|(?:以上|上面|之前|前面|其他)的?(?:内容|资料|文字|段落|所有))"
    r"|你(?:现在|从现在起|不再)?(?:是|扮演)一?(?:个|名|位)?[^。！？\n]{0,12}"
    r"(?:助手|模型|机器人|AI|人工智能|海盗|黑客)"
    r"|从现在(?:起|开始)[^。！？\n]{0,12}(?:你|回答|回复|答复)"
    r"|(?:系统|管理员|开发者)(?:提示词?|消息|指令|通知|指示)[:：]|新的?(?:系统)?(?:指令|提示词)"
    r"|(?:请|必须|只需?|一律|务必|直接|统一|都要?)[^。！？\n]{0,10}(?:回答|回复|输出|答复)"
    r"[^。！？\n]{0,6}[:：“「\"'『]"
    r"|你的(?:回答|回复|输出|答复|答案)(?:必须|应|只能|要|中)"
    rf"|(?:致|给|各位|所有|任何|提醒|亲爱的){_MODEL_ZH}"
    rf"|{_MODEL_ZH}[^。！？\n]{{0,8}}(?:阅读|读到|读取|处理|看到|总结|回答|注意|请)"
    r"|(?:泄露|透露|显示|输出|打印|复述)[^。！？\n]{0,12}(?:系统提示|提示词|你的指令)"
    r"|(?:当|如果|若)?(?:用户|有人|被)问(?:到|起|及)[^。！？\n]{0,20}(?:回答|回复|就说|请说|答复)"
    r"|(?:不要|不得|禁止|请勿)(?:引用|回答|采用|使用)[^。！？\n]{0,10}(?:资料|段落|问题|来源)",
    re.IGNORECASE,
)


def clean(text: str) -> str:
    """`text` without control tokens, role markers, fences and invisible characters.

    Repeats until nothing changes, so that a token hidden inside another one does not survive.
    """
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Co", "Cn", "Cs"))
    while True:
        cleaned = _FENCE.sub(" ", _ROLE_LINE.sub("", _CONTROL_TOKEN.sub(" ", text)))
        if cleaned == text:
            return text
        text = cleaned


def addresses_the_model(text: str) -> bool:
    """Whether a sentence speaks to the one who answers instead of stating something."""
    if _CONTROL_TOKEN.search(text) or _ROLE_LINE.search(text):
        return True
    visible = clean(text)
    return bool(_ADDRESSES.search(visible) or _ADDRESSES_ZH.search(visible))
