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
    elsewhere: str
    not_begun: str
    denied: str
    unreachable: str
    no_name: str
    name_taken: str
    signed_out: str
    sign_out_there: str
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
    elsewhere="Sign in at {host}",
    not_begun="This sign-in was not begun in this browser, or took too long. Begin again.",
    denied="The provider did not let you in.",
    unreachable="The provider cannot be reached, or its answer cannot be trusted. The server's log "
    "says why.",
    no_name="The provider tells no name that can be used here. Ask your administrator.",
    name_taken="Someone else has your name here already. Ask your administrator.",
    signed_out="You are signed out of Plumbline.",
    sign_out_there="Sign out at {host} too",
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
    elsewhere="通过 {host} 登录",
    not_begun="这次登录不是从此浏览器开始的，或已超时。请重新登录。",
    denied="身份提供方没有允许您登录。",
    unreachable="无法连接身份提供方，或其答复不可信。原因见服务器日志。",
    no_name="身份提供方没有给出可用的用户名。请联系管理员。",
    name_taken="您的用户名在这里已被他人使用。请联系管理员。",
    signed_out="您已退出 Plumbline。",
    sign_out_there="同时退出 {host}",
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
