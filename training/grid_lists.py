"""What made-up registers are about: their columns, how people ask for a cell, how a text says it.

In every text `{i}` is what the row is about and `{v}` the value of the column. Own work.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from rag.types import Language
from training.sheet_lists import Both


@dataclass(frozen=True, slots=True)
class Column:
    """`value` names a kind of `VALUES` or of `training.facts.draw_value`. `asks` ask for the value
    and `finds` for the row that has it (none: nobody would); `says` tell it."""

    name: Both
    value: str
    asks: dict[Language, tuple[str, ...]]
    says: dict[Language, tuple[str, ...]]
    finds: dict[Language, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Register:
    """A kind of table: its documents, sections, what a row is about, and its columns."""

    documents: tuple[Both, ...]
    sections: tuple[Both, ...]
    rows: str
    first: Both
    columns: tuple[Column, ...]


def _column(
    name: Both,
    value: str,
    asks: tuple[tuple[str, ...], tuple[str, ...]],
    says: tuple[tuple[str, ...], tuple[str, ...]],
    finds: tuple[tuple[str, ...], tuple[str, ...]] = ((), ()),
) -> Column:
    return Column(name, value, _both(asks), _both(says), _both(finds))


def _both(texts: tuple[tuple[str, ...], tuple[str, ...]]) -> dict[Language, tuple[str, ...]]:
    return {"en": texts[0], "zh": texts[1]}


VALUES: dict[str, tuple[Both, ...]] = {
    "officer": (
        ("Chair of the Board", "董事会主席"), ("Chief Executive Officer", "首席执行官"),
        ("Chief Financial Officer", "首席财务官"), ("Chief Technology Officer", "首席技术官"),
        ("Head of Sales", "销售总监"), ("Head of Production", "生产总监"),
        ("General Counsel", "总法律顾问"), ("Head of Human Resources", "人力资源总监"),
        ("Secretary", "秘书"), ("Treasurer", "财务主任"), ("Site Manager", "厂长"),
        ("Safety Officer", "安全主管"), ("Data Protection Officer", "数据保护官"),
    ),
    "name": (
        ("Lin Shuyan", "林舒妍"), ("Gao Zhiyuan", "高志远"), ("He Meiling", "何美玲"),
        ("Tang Rui", "唐睿"), ("Deng Kaiwen", "邓凯文"), ("Pan Yawen", "潘雅文"),
        ("Qiu Daming", "邱大明"), ("Song Lanxin", "宋兰心"), ("Marta Vogel", "玛尔塔·福格尔"),
        ("Tomas Lind", "托马斯·林德"), ("Ines Duarte", "伊内斯·杜阿尔特"),
        ("Oliver Hart", "奥利弗·哈特"), ("Ren Bohan", "任博涵"), ("Fang Xiaoyu", "方晓宇"),
        ("Karl Jensen", "卡尔·延森"), ("Amina Diallo", "阿米娜·迪亚洛"),
    ),
    "project": (
        ("the new warehouse", "新仓库"), ("the bridge repair", "桥梁维修"),
        ("the pilot line", "中试线"), ("the customer portal", "客户门户"),
        ("the office move", "办公室搬迁"), ("the water treatment plant", "水处理厂"),
        ("the training programme", "培训项目"), ("the solar roof", "太阳能屋顶"),
        ("the second hall", "二号厂房"), ("the payroll system", "薪资系统"),
        ("the archive", "档案馆"), ("the test track", "试验跑道"),
    ),
    "status": (
        ("completed", "已完成"), ("delayed", "延期"), ("in progress", "进行中"),
        ("planned", "计划中"), ("cancelled", "已取消"), ("approved", "已批准"),
        ("under review", "审核中"), ("rejected", "已驳回"),
    ),
    "fault": (
        ("door left open", "门未关闭"), ("sensor short-circuited", "传感器短路"),
        ("filter blocked", "滤网堵塞"), ("low oil level", "油位过低"),
        ("motor overheated", "电机过热"), ("no connection to the network", "无网络连接"),
        ("battery empty", "电池耗尽"), ("paper jam", "卡纸"), ("water pressure too low",
        "水压过低"),
        ("fan does not turn", "风扇不转"), ("temperature too high", "温度过高"),
        ("wrong password", "密码错误"),
    ),
    "remedy": (
        ("replace the fuse", "更换保险丝"), ("call the service team", "联系维修人员"),
        ("clean the filter", "清洗滤网"), ("restart the machine", "重新启动机器"),
        ("close the door", "关好门"), ("refill the oil", "加注润滑油"),
        ("charge the battery", "给电池充电"), ("check the cable", "检查电缆"),
        ("let it cool for an hour", "冷却一小时"), ("open the valve", "打开阀门"),
    ),
    "client": (
        ("Hafen Trading", "海芬贸易"), ("Marsh & Sons", "马什父子公司"), ("Tianhe Hospital",
        "天禾医院"),
        ("the City Library", "市图书馆"), ("Bergmann AG", "贝格曼公司"),
        ("Longshan Dairy", "龙山乳业"),
        ("the University of Lund", "隆德大学"), ("Delta Pharma", "德尔塔制药"),
        ("Xinyuan Print", "鑫源印刷"), ("Costa Line", "科斯塔航运"),
    ),
    "course": (
        ("First aid", "急救"), ("Fire safety", "消防安全"), ("Welding", "焊接"),
        ("Negotiation", "谈判技巧"), ("Data protection", "数据保护"), ("Forklift driving",
        "叉车驾驶"),
        ("Spreadsheets", "电子表格"), ("Business English", "商务英语"), ("Bookkeeping", "簿记"),
        ("Quality audits", "质量审核"),
    ),
    "service": (
        ("Telephone support", "电话支持"), ("Visits on site", "上门服务"),
        ("Spare parts", "备件"), ("Software updates", "软件更新"),
        ("Annual calibration", "年度校准"), ("Loan equipment", "备用机"),
        ("Remote monitoring", "远程监控"), ("Staff training", "人员培训"),
        ("Data backup", "数据备份"), ("Weekend cover", "周末值守"),
    ),
    "included": (
        ("included", "包含"), ("not included", "不包含"), ("on request", "按需提供"),
        ("at extra cost", "另行收费"), ("once a year", "每年一次"), ("free of charge", "免费"),
    ),
    "town": (
        ("Ghent", "根特"), ("Suzhou", "苏州"), ("Leeds", "利兹"), ("Porto", "波尔图"),
        ("Dalian", "大连"), ("Gdansk", "格但斯克"), ("Busan", "釜山"), ("Lyon", "里昂"),
        ("Kunming", "昆明"), ("Zibo", "淄博"), ("Malmo", "马尔默"), ("Austin", "奥斯汀"),
    ),
    "line": (
        ("Pumps", "水泵"), ("Valves", "阀门"), ("Sensors", "传感器"), ("Service", "服务"),
        ("Domestic", "国内"), ("Exports", "出口"), ("Europe", "欧洲"), ("Asia", "亚洲"),
        ("Wholesale", "批发"), ("Online shop", "网店"), ("Machines", "机器"), ("Rentals", "租赁"),
    ),
    "whole": (("Group", "集团"), ("Total", "合计"), ("All segments", "各部门合计")),
}  # fmt: skip

_LEADER = _column(
    ("Leader", "负责人"), "name",
    (("Who leads {i}?", "Who is in charge of {i}?", "Whose job is {i}?"),
     ("{i}由谁负责？", "谁负责{i}？", "{i}的负责人是谁？")),
    (("{i} is led by {v}.", "{v} is in charge of {i}."), ("{i}由{v}负责。", "{v}是{i}的负责人。")),
    (("What does {v} lead?", "What is {v} responsible for?"), ("{v}负责什么？",
     "{v}负责哪个项目？")),
)  # fmt: skip
_DUE = _column(
    ("Due", "完成日期"), "date",
    (("When is {i} to be finished?", "By when must {i} be done?", "What is the due date of {i}?"),
     ("{i}什么时候完成？", "{i}计划何时完工？", "{i}的完成日期是哪天？")),
    (("{i} is to be finished on {v}.", "{i} is due on {v}."), ("{i}将于{v}完成。",
     "{i}计划{v}完工。")),
)  # fmt: skip
_STATUS = _column(
    ("Status", "状态"), "status",
    (("What is the status of {i}?", "How far is {i}?"), ("{i}现在是什么状态？", "{i}进展如何？")),
    (("{i} is {v}.", "The status of {i} is: {v}."), ("{i}{v}。", "{i}的状态为{v}。")),
)  # fmt: skip
_COST = _column(
    ("Budget", "预算"), "money",
    (("What is the budget of {i}?", "How much may {i} cost?"), ("{i}的预算是多少？",
     "{i}能花多少钱？")),
    (("The budget of {i} is {v}.", "{i} may cost {v}."), ("{i}的预算为{v}。", "{i}可花费{v}。")),
)  # fmt: skip
_POST = _column(
    ("Position", "职务"), "officer",
    (("What position does {i} hold?", "What is the job of {i}?"), ("{i}担任什么职务？",
     "{i}的职务是什么？")),
    (("{i} is the {v}.", "{i} serves as {v}.", "The {v} is {i}."),
     ("{i}是{v}。", "{i}担任{v}。", "{v}由{i}担任。")),
    (("Who is the {v}?", "Who holds the office of {v}?", "Name the {v}.", "Who is {v} now?"),
     ("{v}是谁？", "谁担任{v}？", "现任{v}叫什么名字？", "{v}由谁担任？")),
)  # fmt: skip
_PLACED_POST = replace(_POST, value="post")
SINCE = _column(
    ("Since", "任职时间"), "month",
    (("Since when has {i} been in office?", "When did {i} take office?",
      "When was {i} appointed?"),
     ("{i}什么时候上任的？", "{i}从何时起任职？", "{i}是哪年哪月任命的？")),
    (("{i} took office in {v}.", "{i} has been in office since {v}."),
     ("{i}于{v}上任。", "{i}自{v}起任职。")),
    (("Who took office in {v}?", "Who was appointed in {v}?"), ("谁在{v}上任？",
     "{v}任命的是谁？")),
)  # fmt: skip
_SEAT = _column(
    ("Office", "办公地点"), "town",
    (("Where does {i} work?", "In which city is the office of {i}?"),
     ("{i}在哪里办公？", "{i}的办公地点在哪个城市？")),
    (("{i} works in {v}.", "The office of {i} is in {v}."), ("{i}在{v}办公。",
     "{i}的办公地点在{v}。")),
    (("Who works in {v}?",), ("谁在{v}办公？",)),
)  # fmt: skip
_MEANING = _column(
    ("Meaning", "含义"), "fault",
    (("What does {i} mean?", "What is wrong when {i} is shown?", "Why does the display show {i}?"),
     ("{i}是什么意思？", "显示{i}说明什么？", "出现{i}是什么原因？")),
    (("{i} means: {v}.", "{i} is shown when there is this fault: {v}."), ("{i}表示{v}。",
     "出现{i}说明{v}。")),
    (("Which code stands for {v}?", "What is shown in case of {v}?"), ("{v}时显示什么代码？",
     "哪个代码表示{v}？")),
)  # fmt: skip
_REMEDY = _column(
    ("What to do", "处理办法"), "remedy",
    (("What must I do when {i} is shown?", "How is {i} remedied?"),
     ("出现{i}怎么办？", "{i}如何处理？", "显示{i}时应做什么？")),
    (("When {i} is shown: {v}.", "{i}: {v}."), ("出现{i}时，{v}。", "{i}的处理办法：{v}。")),
)  # fmt: skip
_CLIENT = _column(
    ("Customer", "客户"), "client",
    (("Who ordered {i}?", "Which customer does {i} belong to?"), ("{i}是谁订的？",
     "{i}是哪家客户的？")),
    (("{i} was ordered by {v}.", "The customer of {i} is {v}."), ("{i}由{v}订购。",
     "{i}的客户是{v}。")),
    (("What is the number of the order of {v}?",), ("{v}的订单号是多少？",)),
)  # fmt: skip
_AMOUNT = _column(
    ("Quantity", "数量"), "count",
    (("How many pieces does {i} comprise?", "How many were ordered under {i}?"),
     ("{i}共有多少件？", "{i}订了多少？")),
    (("{i} comprises {v} pieces.", "{v} pieces were ordered under {i}."), ("{i}共{v}件。",
     "{i}订购{v}件。")),
)  # fmt: skip
_SENT = _column(
    ("Shipped", "发货日期"), "date",
    (("When was {i} shipped?", "On what day did {i} leave?"), ("{i}哪天发货的？",
     "{i}什么时候发出？")),
    (("{i} was shipped on {v}.", "{i} left on {v}."), ("{i}于{v}发货。", "{i}{v}发出。")),
)  # fmt: skip
_PHONE = _column(
    ("Telephone", "电话"), "phone",
    (("What is the telephone number of {i}?", "How do I reach {i} by phone?"),
     ("{i}的电话是多少？", "怎么打电话联系{i}？")),
    (("{i} can be reached at {v}.", "Call {i} at {v}."), ("{i}的电话为{v}。", "请拨{v}联系{i}。")),
)  # fmt: skip
_OPENED = _column(
    ("Opened", "启用年份"), "year",
    (("When was the office in {i} opened?", "Since which year is there an office in {i}?"),
     ("{i}办事处哪年启用？", "{i}的办事处是什么时候开的？")),
    (("The office in {i} was opened in {v}.",), ("{i}办事处于{v}启用。",)),
    (("Which office was opened in {v}?",), ("{v}启用的是哪个办事处？",)),
)  # fmt: skip
_STAFF = _column(
    ("Staff", "人数"), "count",
    (("How many people work in {i}?", "What is the headcount in {i}?"), ("{i}有多少员工？",
     "{i}有几个人？")),
    (("{v} people work in {i}.", "{i} has a staff of {v}."), ("{i}共有{v}名员工。",
     "{i}有{v}人。")),
)  # fmt: skip
_TEACHER = _column(
    ("Lecturer", "讲师"), "name",
    (("Who teaches {i}?", "Who gives the course {i}?"), ("{i}课由谁讲？", "谁教{i}？")),
    (("{i} is taught by {v}.", "{v} teaches {i}."), ("{i}课由{v}主讲。", "{v}讲授{i}。")),
    (("What does {v} teach?",), ("{v}讲什么课？",)),
)  # fmt: skip
_STARTS = _column(
    ("Begins", "开课日期"), "date",
    (("When does {i} begin?", "What is the first day of {i}?"), ("{i}课什么时候开始？",
     "{i}哪天开课？")),
    (("{i} begins on {v}.",), ("{i}课于{v}开始。",)),
)  # fmt: skip
_FEE = _column(
    ("Fee", "费用"), "money",
    (("What does {i} cost?", "How high is the fee for {i}?"), ("{i}课多少钱？",
     "{i}的费用是多少？")),
    (("{i} costs {v}.",), ("{i}课收费{v}。",)),
)  # fmt: skip


def _plan(english: str, chinese: str) -> Column:
    return _column(
        (english, chinese), "included",
        ((f"Is {{i}} part of {english}?", f"Does {english} cover {{i}}?",
          f"What applies to {{i}} under {english}?"),
         (f"{chinese}包含{{i}}吗？", f"{chinese}里有没有{{i}}？",
          f"{chinese}的{{i}}是怎么规定的？")),
        ((f"Under {english}, {{i}} is {{v}}.",), (f"{chinese}中，{{i}}{{v}}。",)),
    )  # fmt: skip


POSTS = (_POST, _PLACED_POST)
SINCE_WHEN: dict[Language, tuple[Both, ...]] = {
    "en": (("Who has been the {v} since {w}?", "{i} has been the {v} since {w}."),
           ("Who became {v} in {w}?", "{i} became {v} in {w}."),
           ("Since {w}, who is the {v}?", "Since {w}, {i} is the {v}.")),
    "zh": (("{w}起担任{v}的是谁？", "{i}自{w}起担任{v}。"),
           ("谁从{w}开始任{v}？", "{w}起，{v}由{i}担任。"),
           ("{w}上任的{v}叫什么名字？", "{w}上任的{v}是{i}。")),
}  # fmt: skip
"""Questions after the person of an office and a month, each with how it is told."""
REGISTERS: tuple[Register, ...] = (
    Register((("annual report", "年度报告"), ("company profile", "公司简介"), ("charter", "章程")),
             (("Management", "管理层"), ("Board", "董事会"), ("People", "人员")),
             "name", ("Name", "姓名"), (_POST, SINCE, _SEAT)),
    Register((("annual report", "年度报告"), ("directory", "通讯录"), ("letter", "通讯")),
             (("Management", "管理层"), ("Management board", "管理委员会"), ("Sites",
             "各地负责人")),
             "name", ("Name", "姓名"), (_PLACED_POST, SINCE)),
    Register((("project list", "项目清单"), ("quarterly letter", "季度通讯")),
             (("Projects", "项目"), ("Milestones", "里程碑")),
             "project", ("Project", "项目"), (_LEADER, _DUE, _STATUS, _COST)),
    Register((("operating manual", "操作手册"), ("service manual", "维修手册")),
             (("Faults", "故障"), ("Messages on the display", "显示信息")),
             "code", ("Code", "代码"), (_MEANING, _REMEDY)),
    Register((("order book", "订单簿"), ("shipping list", "发货单")),
             (("Orders", "订单"), ("Deliveries", "交货")),
             "order", ("Order", "订单"), (_CLIENT, _AMOUNT, _SENT, _STATUS)),
    Register((("contacts", "联系方式"), ("directory", "通讯录")),
             (("Offices", "办事处"), ("Branches", "分支机构")),
             "town", ("Office", "办事处"), (_PHONE, _OPENED, _STAFF, _LEADER)),
    Register((("training plan", "培训计划"),), (("Courses", "课程"), ("Spring", "春季")),
             "course", ("Course", "课程"), (_TEACHER, _STARTS, _FEE)),
    Register((("service contracts", "服务合同"), ("tariff", "资费标准")),
             (("What is included", "服务内容"), ("Plans", "方案")),
             "service", ("Service", "服务项目"),
             (_plan("Basic", "基础版"), _plan("Plus", "增强版"), _plan("Premium", "高级版"),
              _plan("Gold", "金牌"), _plan("Silver", "银牌"))),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measure:
    """What a table by years tells: its sections, each with the currency and scale of its bare
    numbers ("" without), how people ask for it of `{i}` in `{y}`, how a text says it, and the
    range of its numbers."""

    sections: tuple[tuple[Both, str], ...]
    asks: dict[Language, tuple[str, ...]]
    says: dict[Language, tuple[str, ...]]
    numbers: tuple[int, int]
    decimal: bool


MEASURES: tuple[Measure, ...] = (
    Measure(
        ((("Revenue, RMB million", "营业收入（百万元）"), "RMB million"), (("Sales in EUR million",
         "销售额，百万欧元"), "EUR million"),
         (("Revenue by segment", "分部收入"), "")),
        {"en": ("What was the revenue of {i} in {y}?", "How much did {i} take in in {y}?",
                "Revenue {i} {y}"),
         "zh": ("{i} {y} 年的营业收入是多少？", "{y}年{i}的收入是多少？",
         "{i}在{y}年卖了多少钱？")},
        {"en": ("In {y}, the revenue of {i} was {v}.",), "zh": ("{y}年，{i}的营业收入为{v}。",)},
        (20, 990), True),
    Measure(
        ((("Profit, EUR thousand", "利润（千欧元）"), "EUR thousand"), (("Operating profit",
         "营业利润"), "")),
        {"en": ("What profit did {i} make in {y}?", "How much did {i} earn in {y}?"),
         "zh": ("{y}年{i}的利润是多少？", "{i} {y} 年赚了多少？")},
        {"en": ("{i} earned {v} in {y}.",), "zh": ("{i}在{y}年实现利润{v}。",)},
        (2, 400), True),
    Measure(
        ((("Units sold", "销量（台）"), ""), (("Deliveries in pieces", "交付量，件"), "")),
        {"en": ("How many {i} were sold in {y}?",
        "How many units of {i} did the company sell in {y}?",
                "What were the sales of {i} in pieces in {y}?"),
         "zh": ("{y} 年{i}卖了多少台？", "{i}在{y}年的销量是多少？", "{y}年共交付多少台{i}？")},
        {"en": ("{v} units of {i} were sold in {y}.",), "zh": ("{y}年{i}共售出{v}台。",)},
        (120, 9800), False),
    Measure(
        ((("Employees at the end of the year", "年末员工人数"), ""), (("Headcount", "人员"), "")),
        {"en": ("How many people did {i} employ at the end of {y}?",
                "How many employees had {i} in {y}?"),
         "zh": ("{y}年末{i}有多少员工？", "{i}在{y}年底有多少人？")},
        {"en": ("At the end of {y}, {i} had {v} employees.",),
        "zh": ("{y}年末，{i}有{v}名员工。",)},
        (12, 4800), False),
    Measure(
        ((("Order backlog, RMB million", "在手订单（百万元）"), "RMB million"), (("Orders on hand",
         "在手订单"), "")),
        {"en": ("What was the order backlog of {i} at the end of {y}?",
                "How large were the orders on hand for {i} in {y}?"),
         "zh": ("{y}年末{i}的在手订单是多少？", "{i}{y}年的在手订单有多少？")},
        {"en": ("At the end of {y}, the order backlog of {i} was {v}.",),
         "zh": ("{y}年末{i}的在手订单为{v}。",)},
        (15, 600), True),
)  # fmt: skip
