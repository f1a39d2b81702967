"""The words about watched folders, in English and Chinese."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WatchTexts:
    """See `web.texts.Texts`: one object per language."""

    title: str
    help: str
    running: str
    stopped: str
    looked: str
    not_looked: str
    reading: str
    waiting: str
    unread: str
    vanished: str
    nothing: str
    forget: str
    more: str


EN = WatchTexts(
    title="Watched folders",
    help="A folder is followed by a program on the machine where Plumbline runs; start one there:",
    running="followed",
    stopped="not followed any more",
    looked="Last look: {time}",
    not_looked="First look under way",
    reading="Reading {name} ({number} of {total})",
    waiting="1 file is still being written: read once it is still|"
    "{count} files are still being written: read once they are still",
    unread="1 file not read|{count} files not read",
    vanished="1 file vanished: removed if it stays away|"
    "{count} files vanished: removed if they stay away",
    nothing="Nothing waits, nothing failed.",
    forget="Take off the list",
    more="and {count} more",
)

ZH = WatchTexts(
    title="监视的文件夹",
    help="由运行 Plumbline 的电脑上的程序跟踪文件夹的变化，请在那里启动：",
    running="跟踪中",
    stopped="已停止跟踪",
    looked="最近检查：{time}",
    not_looked="正在进行第一次检查",
    reading="正在读取 {name}（第 {number} 个，共 {total} 个）",
    waiting="{count} 个文件仍在写入，写完后读取",
    unread="{count} 个文件未读取",
    vanished="{count} 个文件不见了，若不再出现将被移除",
    nothing="没有等待的文件，也没有失败的文件。",
    forget="从列表中去掉",
    more="另有 {count} 个",
)


def watch_texts(language: str) -> WatchTexts:
    """The words for a language code; anything that is not Chinese gets English."""
    return ZH if language.lower().startswith("zh") else EN
