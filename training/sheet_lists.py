"""What made-up sheets are about: documents, sections, items and attributes, each in English and
Chinese. Own work."""

from __future__ import annotations

from dataclasses import dataclass

Both = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Topic:
    """A kind of document. `items` names a kind of `ITEMS`, or "model" for made-up codes."""

    document: Both
    sections: tuple[Both, ...]
    items: str
    attributes: tuple[Both, ...]


ITEMS: dict[str, tuple[Both, ...]] = {
    "city": (
        ("Oslo", "奥斯陆"), ("Madrid", "马德里"), ("Hamburg", "汉堡"), ("Chengdu", "成都"),
        ("Wuhan", "武汉"), ("Tianjin", "天津"), ("Seoul", "首尔"), ("Bangkok", "曼谷"),
        ("Toronto", "多伦多"), ("Chicago", "芝加哥"), ("Cape Town", "开普敦"), ("Lima", "利马"),
        ("Zurich", "苏黎世"), ("Dublin", "都柏林"), ("Qingdao", "青岛"), ("Xiamen", "厦门"),
    ),
    "department": (
        ("the purchasing department", "采购部"), ("the legal department", "法务部"),
        ("the quality laboratory", "质量实验室"), ("the warehouse", "仓库"),
        ("the training centre", "培训中心"), ("the call centre", "呼叫中心"),
        ("the research division", "研究部"), ("the maintenance team", "维修组"),
        ("the sales office", "销售办公室"), ("the security desk", "保安处"),
    ),
    "person": (
        ("full-time employees", "全职员工"), ("part-time employees", "兼职员工"),
        ("interns", "实习生"), ("department heads", "部门主管"), ("contractors", "外包人员"),
        ("pensioners", "退休人员"), ("visitors", "访客"), ("students", "学生"),
        ("children under twelve", "十二岁以下儿童"), ("members", "会员"),
    ),
    "tier": (
        ("the Basic plan", "基础套餐"), ("the Standard plan", "标准套餐"),
        ("the Family plan", "家庭套餐"), ("the Business plan", "商务套餐"),
        ("the Premium plan", "高级套餐"), ("the student plan", "学生套餐"),
    ),
    "part": (
        ("the water pump", "水泵"), ("the drive belt", "传动带"), ("the control panel", "控制面板"),
        ("the heating element", "加热元件"), ("the air filter", "空气滤芯"),
        ("the sensor", "传感器"),
        ("the main valve", "主阀"), ("the power supply", "电源"), ("the door lock", "门锁"),
        ("the display", "显示屏"), ("the motor", "电机"), ("the cable set", "电缆组件"),
    ),
    "region": (
        ("North America", "北美"), ("Western Europe", "西欧"), ("East Africa", "东非"),
        ("South Asia", "南亚"), ("Central China", "华中"), ("Latin America", "拉丁美洲"),
        ("the Middle East", "中东"), ("Australia", "澳大利亚"), ("Eastern Europe", "东欧"),
    ),
}  # fmt: skip

_MONEY = (
    ("price", "价格"), ("monthly fee", "月费"), ("deposit", "押金"), ("discount", "折扣"),
    ("fine", "罚款"), ("budget", "预算"), ("allowance", "津贴"), ("shipping cost", "运费"),
)  # fmt: skip
_TIME = (
    ("notice period", "通知期"), ("delivery time", "交货期"), ("warranty", "保修期"),
    ("opening time", "开放时间"), ("response time", "响应时间"), ("service life", "使用寿命"),
    ("inspection interval", "检查周期"), ("deadline for applications", "申请截止期限"),
)  # fmt: skip
_SIZE = (
    ("weight", "重量"), ("height", "高度"), ("power consumption", "耗电量"), ("capacity", "容量"),
    ("noise level", "噪声"), ("operating temperature", "工作温度"), ("pressure", "压力"),
    ("speed", "速度"), ("battery life", "电池续航"), ("part number", "零件编号"),
)  # fmt: skip
_COUNT = (
    ("turnover", "营业额"), ("number of employees", "员工人数"), ("number of orders", "订单数"),
    ("profit", "利润"), ("number of complaints", "投诉数"), ("growth", "增长率"),
    ("stock at the end of the year", "年末库存"), ("market share", "市场份额"),
)  # fmt: skip
ATTRIBUTES: tuple[Both, ...] = (*_MONEY, *_TIME, *_SIZE, *_COUNT)

TOPICS: tuple[Topic, ...] = (
    Topic(("expense rules", "费用报销规定"),
          (("Meals", "餐费"), ("Rooms", "住房"), ("Taxis", "出租车")),
          "city", (*_MONEY, _TIME[7])),
    Topic(("price list", "价目表"), (("Machines", "机器"), ("Options", "选件")), "model",
          (*_MONEY, *_TIME[:4])),
    Topic(("product sheet", "产品说明"), (("Technical data", "技术数据"), ("Operation", "运行")),
          "model", _SIZE),
    Topic(("spare parts catalogue", "备件目录"), (("Parts", "零件"), ("Repairs", "修理")), "part",
          (*_SIZE, *_MONEY[:4], *_TIME[:3])),
    Topic(("terms of contract", "合同条款"), (("Services", "服务"), ("Payment", "付款")), "tier",
          (*_MONEY, *_TIME)),
    Topic(("staff handbook", "员工手册"),
          (("Leave", "休假"), ("Working hours", "工作时间")), "person",
          (*_TIME, *_MONEY[4:7])),
    Topic(("annual statement", "年度报表"), (("Regions", "地区"), ("Results", "业绩")), "region",
          _COUNT),
    Topic(("quarterly review", "季度回顾"),
          (("Departments", "部门"), ("Staff", "人员")), "department",
          (*_COUNT, _MONEY[5])),
    Topic(("safety instructions", "安全须知"), (("Checks", "检查"), ("Limits", "限值")), "part",
          (*_TIME[4:7], *_SIZE[5:7])),
    Topic(("museum guide", "博物馆指南"), (("Tickets", "门票"), ("Tours", "导览")), "person",
          (*_MONEY[:4], *_TIME[3:4])),
)  # fmt: skip
"""Every attribute of a topic may stand for any of its items."""
