"""The words about collections: made, renamed, removed, in English and Chinese."""

from __future__ import annotations

from dataclasses import dataclass

from web.belongings import Belongings


@dataclass(frozen=True, slots=True)
class CollectionTexts:
    """See `web.texts.Texts`: one object per language."""

    title: str
    new: str
    rename: str
    remove: str
    name: str
    name_help: str
    save: str
    make: str
    cancel: str
    yes: str
    goes: str
    last: str
    made: str
    renamed: str
    removed: str
    failed: str

    def going(self, name: str, held: Belongings) -> str:
        """What goes with a collection, as a question's first part."""
        return self.goes.format(
            name=name,
            documents=held.documents,
            uploads=held.uploads,
            answers=held.answers,
            opinions=held.opinions,
            rights=held.rights,
        )


EN = CollectionTexts(
    title="Collection",
    new="New collection",
    rename="Rename",
    remove="Remove",
    name="Name of the collection",
    name_help="Letters, digits, “_”, “-” and “.”; up to 64",
    save="Rename",
    make="Make",
    cancel="Cancel",
    yes="Yes, remove all of it",
    goes="Remove the collection “{name}”? With it go its documents ({documents}, of these "
    "{uploads} uploaded here with their files), answers in conversations ({answers}; the questions "
    "stay), opinions of answers ({opinions}), and rights given by its name ({rights}). Files that "
    "lie elsewhere on this machine stay.",
    last="This cannot be undone.",
    made="Made the collection “{name}”.",
    renamed="“{before}” is now called “{name}”, in conversations and rights too.",
    removed="Removed the collection “{name}” with all that was in it.",
    failed="That did not work: {reason}",
)

ZH = CollectionTexts(
    title="文档库",
    new="新建文档库",
    rename="重命名",
    remove="移除",
    name="文档库名称",
    name_help="文字、数字、“_”、“-”和“.”，最多 64 个",
    save="重命名",
    make="新建",
    cancel="取消",
    yes="确定全部移除",
    goes="要移除文档库“{name}”吗？随之移除的有：{documents} 份文档，其中 {uploads} 份是在此上传的"
    "（连同文件）；对话中的 {answers} 个回答（问题保留）；{opinions} 条对回答的评价；"
    "以及按名称授予的 {rights} 项权限。本机其他位置的文件不受影响。",
    last="此操作无法撤销。",
    made="已新建文档库“{name}”。",
    renamed="“{before}”已改名为“{name}”，对话和权限同步更新。",
    removed="已移除文档库“{name}”及其全部内容。",
    failed="操作未成功：{reason}",
)


def collection_texts(language: str) -> CollectionTexts:
    """The words for a language code; anything that is not Chinese gets English."""
    return ZH if language.lower().startswith("zh") else EN
