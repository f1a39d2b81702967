"""The words around a conversation: asking again, the list of conversations, export."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TalkTexts:
    """See `web.texts.Texts`: one object per language."""

    broken_off: str
    again: str
    edit: str
    branch: str
    edit_standalone: str
    send: str
    keep: str
    conversations: str
    search: str
    none: str
    none_found: str
    not_kept: str
    kept_for: str
    rename: str
    delete: str
    delete_confirm: str
    delete_yes: str
    questions: str
    export: str
    exported: str
    close: str
    lost: str
    restarted: str
    reload: str
    suggestions: str
    suggest: str


EN = TalkTexts(
    broken_off="This answer was not finished: Plumbline stopped, or the page was closed. Your "
    "question is kept; ask it again.",
    again="Ask again",
    edit="Edit question",
    branch="Edit in a new conversation",
    edit_standalone="Edit",
    send="Ask",
    keep="Cancel",
    conversations="Conversations",
    search="Search conversations",
    none="No conversations yet.",
    none_found="No conversation holds these words.",
    not_kept="Conversations are not kept: they go when Plumbline stops.",
    kept_for="A conversation is deleted {days} days after its last question.",
    rename="Rename",
    delete="Delete",
    delete_confirm="Delete this conversation with all its questions and answers?",
    delete_yes="Yes, delete",
    questions="1 question|{count} questions",
    export="Export",
    exported="Exported from Plumbline",
    close="Close",
    lost="Plumbline does not answer. Your question is kept.",
    restarted="Plumbline was restarted. Your question is kept.",
    reload="Reload",
    suggestions="You could ask",
    suggest="What does “{document}” say about {heading}?",
)

ZH = TalkTexts(
    broken_off="回答没有完成：Plumbline 停止了，或者页面被关闭。问题已保留，请重新提问。",
    again="重新提问",
    edit="修改问题",
    branch="在新对话中修改",
    edit_standalone="修改",
    send="提问",
    keep="取消",
    conversations="对话记录",
    search="搜索对话",
    none="还没有对话。",
    none_found="没有包含这些文字的对话。",
    not_kept="对话不会保存：Plumbline 停止后即消失。",
    kept_for="对话在最后一次提问 {days} 天后删除。",
    rename="重命名",
    delete="删除",
    delete_confirm="确定删除这个对话及其全部问题和回答吗？",
    delete_yes="确定删除",
    questions="{count} 个问题",
    export="导出",
    exported="由 Plumbline 导出",
    close="关闭",
    lost="Plumbline 没有响应。您的问题已保留。",
    restarted="Plumbline 已重新启动。您的问题已保留。",
    reload="重新加载",
    suggestions="您可以问",
    suggest="《{document}》中关于“{heading}”是怎么说的？",
)


def talk_texts(language: str) -> TalkTexts:
    """The words for a language code; anything that is not Chinese gets English."""
    return ZH if language.lower().startswith("zh") else EN
