"""The words of feedback, in English and Chinese."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FeedbackTexts:
    """See `web.texts.Texts`: one object per language."""

    good: str
    bad: str
    reason: str
    corrected: str
    save: str
    cancel: str
    saved: str
    title: str
    help: str
    none: str
    questions: str
    sft: str
    preferences: str


EN = FeedbackTexts(
    good="Good answer",
    bad="Poor answer",
    reason="What is wrong with it? (may stay empty)",
    corrected="How should it read? (may stay empty)",
    save="Save",
    cancel="Cancel",
    saved="Kept. Thank you.",
    title="Your feedback",
    help="What you said of answers, kept on this machine with the question, the answer and its "
    "passages. Download it as JSON lines:",
    none="You have said nothing of answers yet.",
    questions="Questions for plumb eval",
    sft="Fine-tuning (TRL)",
    preferences="Preferences (TRL)",
)

ZH = FeedbackTexts(
    good="回答很好",
    bad="回答不好",
    reason="哪里不对？（可不填）",
    corrected="正确的回答应该怎么写？（可不填）",
    save="保存",
    cancel="取消",
    saved="已保存，谢谢。",
    title="您的反馈",
    help="您对回答的评价，连同问题、回答和段落保存在本机。可下载为 JSON 行：",
    none="您还没有评价过回答。",
    questions="供 plumb eval 使用的问题",
    sft="微调数据（TRL）",
    preferences="偏好数据（TRL）",
)


def feedback_texts(language: str) -> FeedbackTexts:
    """The words for a language code; anything that is not Chinese gets English."""
    return ZH if language.lower().startswith("zh") else EN
