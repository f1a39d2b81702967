"""The words of the pages to sign in and out, in English and Chinese."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """In one language."""

    html_lang: str
    title: str
    help: str
    name: str
    password: str
    key: str
    key_help: str
    open: str
    wrong: str
    too_often: str
    account: str
    signed_in: str
    collections: str
    everything: str
    nothing: str
    roles: dict[str, str]
    sign_out: str
    back: str


EN = Words(
    html_lang="en",
    title="Plumbline is locked",
    help="Sign in with the name and password that your administrator gave you.",
    name="Name",
    password="Password",
    key="Key",
    key_help="Enter a key (`plumb keys create`, or server.api_key of the settings).",
    open="Open",
    wrong="That is not right.",
    too_often="Too many tries. Wait a minute.",
    account="Account",
    signed_in="You are signed in as {name}.",
    collections="Your collections",
    everything="all collections",
    nothing="None yet: ask your administrator for a grant.",
    roles={"reader": "may read", "editor": "may read and change", "admin": "may do everything"},
    sign_out="Sign out",
    back="Back to the page",
)

ZH = Words(
    html_lang="zh-CN",
    title="Plumbline 已锁定",
    help="请用管理员给您的用户名和密码登录。",
    name="用户名",
    password="密码",
    key="密钥",
    key_help="请输入密钥（用 `plumb keys create` 创建，或设置中的 server.api_key）。",
    open="打开",
    wrong="输入不正确。",
    too_often="尝试次数过多，请一分钟后再试。",
    account="账户",
    signed_in="您已登录为 {name}。",
    collections="您的文档库",
    everything="全部文档库",
    nothing="还没有：请向管理员申请授权。",
    roles={"reader": "可查阅", "editor": "可查阅和修改", "admin": "可执行全部操作"},
    sign_out="退出登录",
    back="返回页面",
)


def words(accept_language: str) -> Words:
    """For a language code or an Accept-Language header; anything not Chinese gets English."""
    return ZH if accept_language.lower().startswith("zh") else EN
