"""Every word of the page, in English and Chinese.

Knows nothing of Gradio. `{name}` marks what `str.format` fills in; whoever fills it in escapes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rag.types import Language

LANGUAGES: tuple[Language, ...] = ("en", "zh")
LANGUAGE_NAMES: dict[Language, str] = {"en": "English", "zh": "中文"}


def counted(words: str, count: int) -> str:
    """The words for this number: those before "|" for one, else those after it; without "|" they
    are the same for any."""
    one, _, many = words.partition("|")
    return (one if count == 1 or not many else many).format(count=count)


@dataclass(frozen=True, slots=True)
class Texts:
    """The page's words in one language."""

    language: Language
    html_lang: str
    tagline: str
    language_switch: str
    ask_tab: str
    documents_tab: str
    reports_tab: str
    question_label: str
    question_hint: str
    ask: str
    stop: str
    new_conversation: str
    collection: str

    loading_embedder: str
    loading_generator: str
    loading_scorer: str
    ready: str
    failed: str

    empty_title: str
    empty_body: str
    empty_no_documents: str
    waiting_models: str
    waiting_queue: str
    searching: str
    reading: str
    draft: str
    stopped: str
    empty_question: str
    unexpected: str
    problems: Mapping[str, str]

    grounded: str
    partly_grounded: str
    abstained: str
    abstained_help: str
    searched_for: str
    supported: str
    partly: str
    unsupported: str
    unchecked: str
    not_found_mark: str
    open_source: str
    dropped: str
    left_out: str
    sources: str
    nearest: str
    other_passages: str
    whole_passage: str
    less: str
    back_to_answer: str
    seconds: str
    copy: str
    copied: str

    add_documents: str
    add_help: str
    uploading: str
    in_progress: str
    no_documents: str
    document: str
    pages: str
    passages: str
    added: str
    actions: str
    remove: str
    remove_confirm: str
    remove_yes: str
    cancel: str
    receipt: str
    outcome: str
    note: str
    pages_without_text: str
    changes: dict[str, str]

    no_reports: str
    reports_help: str
    report: str
    finished: str
    questions: str
    metrics: Mapping[str, str]

    def problem(self, err: Exception) -> str:
        """What went wrong: the error's own words, which are English, after what they come to."""
        for kind in type(err).__mro__:
            if told := self.problems.get(kind.__name__):
                return f"{told}（{err}）"
        return str(err)


EN = Texts(
    language="en",
    html_lang="en",
    tagline="Answers from your own documents, checked sentence by sentence",
    language_switch="Language",
    ask_tab="Ask",
    documents_tab="Documents",
    reports_tab="Trust",
    question_label="Your question",
    question_hint="Ask your documents",
    ask="Ask",
    stop="Stop",
    new_conversation="New conversation",
    collection="Collection",
    loading_embedder="Loading the search model…",
    loading_generator="Loading the language model…",
    loading_scorer="Loading the checker…",
    ready="Ready",
    failed="The models could not be loaded: {reason}",
    empty_title="What would you like to know?",
    empty_body="One document is ready. Every answer shows where it stands in it, or says that it "
    "does not.|{count} documents are ready. Every answer shows where it stands in them, or "
    "says that it does not.",
    empty_no_documents="There are no documents yet. Add some under “Documents”, then ask.",
    waiting_models="The models are still loading; your question is next.",
    waiting_queue="One question is before yours.|{count} questions are before yours.",
    searching="Searching your documents…",
    reading="Reading {passages} passages…",
    draft="Draft, not checked yet",
    stopped="Stopped before the answer was finished.",
    empty_question="Please type a question first.",
    unexpected="Something went wrong inside Plumbline; the terminal shows what. Please try again.",
    problems={},
    grounded="Found in your documents",
    partly_grounded="Partly found in your documents",
    abstained="Not in your documents",
    abstained_help="No answer could be supported from them. See for yourself.",
    searched_for="Searched for",
    supported="Supported by the documents",
    partly="Only partly borne out by the documents",
    unsupported="Not found in the documents",
    unchecked="Not checked: verification is switched off",
    not_found_mark="not found",
    open_source="Source {number}: {document}, {place}",
    left_out="Left out",
    dropped="Left out, because the documents do not support it ({count})",
    sources="Sources",
    nearest="Nearest passages",
    other_passages="Also read ({count})",
    whole_passage="Whole passage",
    less="Show less",
    back_to_answer="Back to the answer",
    seconds="{seconds} s",
    copy="Copy with sources",
    copied="Copied",
    add_documents="Add documents",
    add_help="PDF, Office files, EPUB, mail, web pages, text or ZIP, up to {limit} MB each. "
    "You can also drop files here. They stay on this machine.",
    uploading="Files received, reading…",
    in_progress="Reading {name} ({done} of {total})",
    no_documents="No documents in this collection yet.",
    document="Document",
    pages="Pages",
    passages="Passages",
    added="Added",
    actions="Actions",
    remove="Remove",
    remove_confirm="Remove this document?",
    remove_yes="Yes, remove",
    cancel="Keep",
    receipt="What was added",
    outcome="Outcome",
    note="Note",
    pages_without_text="1 page without text|{count} pages without text",
    changes={
        "added": "added",
        "unchanged": "already there",
        "replaced": "replaced",
        "renamed": "renamed",
        "skipped": "skipped",
        "failed": "failed",
    },
    no_reports="No evaluation was finished on this machine yet. In a terminal, measure how well "
    "questions about your documents are answered, for instance about the examples:",
    reports_help="How well the answers hold, measured on this machine. Each report opens in a new "
    "tab.",
    report="Report",
    finished="Finished (UTC)",
    questions="Questions",
    metrics={
        "correct": "Right outcome",
        "faithfulness": "Faithful",
        "refusal_recall": "Refused rightly",
        "hit@5": "Found in 5",
        "latency_p50": "Median time",
    },
)

ZH = Texts(
    language="zh",
    html_lang="zh-CN",
    tagline="答案只来自您自己的文档，逐句核对",
    language_switch="界面语言",
    ask_tab="提问",
    documents_tab="文档",
    reports_tab="可信度",
    question_label="您的问题",
    question_hint="向您的文档提问",
    ask="提问",
    stop="停止",
    new_conversation="新对话",
    collection="文档库",
    loading_embedder="正在加载检索模型…",
    loading_generator="正在加载语言模型…",
    loading_scorer="正在加载核对模型…",
    ready="就绪",
    failed="模型加载失败：{reason}",
    empty_title="您想了解什么？",
    empty_body="已有 {count} 份文档可供提问。每个回答都会指出它在文档中的出处，"
    "没有出处时也会说明。",
    empty_no_documents="还没有文档。请先在“文档”页添加，然后提问。",
    waiting_models="模型仍在加载，加载完成后立即回答您的问题。",
    waiting_queue="前面还有 {count} 个问题，请稍候。",
    searching="正在检索文档…",
    reading="正在阅读 {passages} 个段落…",
    draft="草稿，尚未核对",
    stopped="已停止，回答未完成。",
    empty_question="请先输入问题。",
    unexpected="Plumbline 内部出错，详情见终端。请重试。",
    problems={
        "QuestionError": "这个问题无法提问：它是空的，或者太长。",
        "CollectionError": "这个文档集暂时不能用：请确认它存在、有文档，没有别的程序在写入。",
        "StoreUnavailable": "存放文档集的服务器没有应答，请稍后再试。",
        "ModelError": "语言模型没有作答。",
        "DocumentError": "这个文件无法读取。",
        "QueueFull": "正在排队的问题太多，请稍后再问。",
    },
    grounded="文档中有依据",
    partly_grounded="文档中有部分依据",
    abstained="文档中没有答案",
    abstained_help="未能从中得出有依据的回答，请自行查看。",
    searched_for="检索的问题",
    supported="文档支持这句话",
    partly="文档只能部分支持这句话",
    unsupported="文档中没有找到这句话的依据",
    unchecked="未核查：已关闭核查功能",
    not_found_mark="无依据",
    open_source="来源 {number}：{document}，{place}",
    left_out="已省略的句子",
    dropped="因文档不支持而省略的句子（{count}）",
    sources="来源",
    nearest="最接近的段落",
    other_passages="其他读过的段落（{count}）",
    whole_passage="显示整段",
    less="收起",
    back_to_answer="回到回答",
    seconds="{seconds} 秒",
    copy="复制回答和来源",
    copied="已复制",
    add_documents="添加文档",
    add_help="支持 PDF、Office 文件、EPUB、邮件、网页、纯文本和 ZIP，每个文件不超过 {limit} MB。"
    "也可以把文件拖到这里。文件不会离开本机。",
    uploading="已收到文件，正在读取…",
    in_progress="正在读取 {name}（第 {done} 个，共 {total} 个）",
    no_documents="这个文档库里还没有文档。",
    document="文档",
    pages="页数",
    passages="段落数",
    added="添加日期",
    actions="操作",
    remove="移除",
    remove_confirm="确定移除这份文档吗？",
    remove_yes="确定移除",
    cancel="保留",
    receipt="添加结果",
    outcome="结果",
    note="说明",
    pages_without_text="{count} 页没有文字",
    changes={
        "added": "已添加",
        "unchanged": "已存在",
        "replaced": "已更新",
        "renamed": "已改名",
        "skipped": "已跳过",
        "failed": "失败",
    },
    no_reports="本机还没有完成过评测。请在终端中测一测对文档的提问答得如何，例如用示例文档：",
    reports_help="在本机测得的回答质量。每份报告在新标签页中打开。",
    report="报告",
    finished="完成时间（UTC）",
    questions="问题数",
    metrics={
        "correct": "结果正确",
        "faithfulness": "忠于文档",
        "refusal_recall": "正确拒答",
        "hit@5": "前五命中",
        "latency_p50": "耗时中位数",
    },
)


def texts(language: str) -> Texts:
    """The words for a language code; anything that is not Chinese gets English."""
    return ZH if language.lower().startswith("zh") else EN
