"""The words about what may be relied on: health, models, the verifier, explanations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TrustTexts:
    """See `web.texts.Texts`: one object per language."""

    health: str
    health_help: str
    check: str
    checking: str
    well: str
    wrong: str
    mend: str
    models: str
    models_help: str
    role: str
    model: str
    licence: str
    digest: str
    size: str
    absent: str
    elsewhere: str
    roles: Mapping[str, str]
    verifier: str
    verifier_help: str
    unmeasured: str
    set: str
    language: str
    languages: Mapping[str, str]
    claims: str
    auroc: str
    accuracy: str
    ece: str
    diagram: str
    score: str
    share: str
    measured: str
    plots: str
    why: str
    why_label: str
    why_hint: str
    why_show: str
    why_title: str
    stood: str
    chunks: str
    nowhere: str
    ranks: str
    never: str
    hit: str
    no_hit: str
    prompt: str
    no_prompt: str


EN = TrustTexts(
    health="Health of “{name}”",
    health_help="Reads the whole collection and compares documents, passages, vectors and indexes.",
    check="Check now",
    checking="Checking…",
    well="All is well: everything in the collection fits together.",
    wrong="One thing is wrong:|{count} things are wrong:",
    mend="Mend with:",
    models="Models in use",
    models_help="What answers and checks on this machine, with the SHA-256 of its weights.",
    role="Role",
    model="Model",
    licence="Licence",
    digest="SHA-256",
    size="Size",
    absent="not on this machine",
    elsewhere="runs elsewhere: weights and licence are not known here",
    roles={
        "embedder": "finds passages",
        "generator": "writes the answer",
        "verifier": "checks the answer",
        "reranker": "orders passages",
    },
    verifier="How well the verifier tells supported sentences",
    verifier_help="Measured on sentences whose support is known: judged by people, or made false "
    "on purpose (“perturbed”). The diagram shows, for each range of scores, how many sentences "
    "were really supported; on the line, a score says what it promises.",
    unmeasured="No measurement is shipped with this build: make one with python -m "
    "benchmarks.judges --report web/verifier.json.",
    set="Set",
    language="Language",
    languages={"en": "English", "zh": "Chinese"},
    claims="Sentences",
    auroc="Tells apart (AUROC)",
    accuracy="Right verdicts",
    ece="Calibration error",
    diagram="Reliability, {language}: {points}",
    score="score",
    share="supported",
    measured="Scorer {scorer}, {date}, {machine}, commit {commit}. 95 % intervals.",
    plots="Plots of the newest report",
    why="Why was this not found?",
    why_label="Words that should have been found",
    why_hint="Copy a few words from the document",
    why_show="Show",
    why_title="Where it was lost",
    stood="It stands in",
    chunks="Passages that hold it",
    nowhere="none",
    ranks="ranks: {ranks}",
    never="no search found it",
    hit="place {place} of the passages read",
    no_hit="not among the passages read",
    prompt="shown to the model",
    no_prompt="not shown to the model",
)

ZH = TrustTexts(
    health="“{name}”的状态",
    health_help="读取整个文档库，核对文档、段落、向量和索引是否一致。",
    check="立即检查",
    checking="正在检查…",
    well="一切正常：文档库的各部分相互吻合。",
    wrong="发现 {count} 处问题：",
    mend="修复命令：",
    models="正在使用的模型",
    models_help="在本机回答和核对的模型，附权重的 SHA-256。",
    role="用途",
    model="模型",
    licence="许可证",
    digest="SHA-256",
    size="大小",
    absent="不在本机",
    elsewhere="在别处运行：这里不知道其权重和许可证",
    roles={
        "embedder": "查找段落",
        "generator": "撰写回答",
        "verifier": "核对回答",
        "reranker": "段落排序",
    },
    verifier="核对模型分辨有无依据的能力",
    verifier_help="在已知有无依据的句子上测得：由人判断，或故意改错（“perturbed”）。"
    "图中每个分数区间显示其中确有依据的句子所占比例；落在对角线上，表示分数与实际相符。",
    unmeasured="此版本未附带测量结果：可用 python -m benchmarks.judges --report web/verifier.json "
    "测得。",
    set="数据集",
    language="语言",
    languages={"en": "英文", "zh": "中文"},
    claims="句子数",
    auroc="区分能力（AUROC）",
    accuracy="判断正确",
    ece="校准误差",
    diagram="可靠性图，{language}：{points}",
    score="分数",
    share="有依据",
    measured="核对模型 {scorer}，{date}，{machine}，提交 {commit}。95% 置信区间。",
    plots="最新报告的图表",
    why="为什么没有找到？",
    why_label="本应找到的文字",
    why_hint="从文档中复制几个词",
    why_show="查看",
    why_title="在哪一步丢失",
    stood="出现在",
    chunks="含有它的段落",
    nowhere="无",
    ranks="名次：{ranks}",
    never="没有被任何检索找到",
    hit="在读过的段落中排第 {place}",
    no_hit="不在读过的段落中",
    prompt="已给模型看",
    no_prompt="没有给模型看",
)


def trust_texts(language: str) -> TrustTexts:
    """The words for a language code; anything that is not Chinese gets English."""
    return ZH if language.lower().startswith("zh") else EN
