"""Form fields of an OpenDocument text -> what they show: boxes, chosen entries, filled-in text."""

from __future__ import annotations

from typing import Any

from ingest.loaders.odt.names import q

_TRUE = ("true", "checked", "1")


def fieldmark(field: Any) -> str:
    """What a field shows that came from a Word document; "" where its text stands within it."""
    kind = field.get(q("field:type"), "").rpartition(".")[2]
    values: dict[str, list[str]] = {}
    for param in field.iterfind(q("field:param")):
        name, value = param.get(q("field:name"), ""), param.get(q("field:value"), "")
        values.setdefault(name.rpartition("_")[2], []).append(value)
    if kind == "FORMCHECKBOX":
        return "[x]" if values.get("Checked", [""])[0] in _TRUE else "[ ]"
    if kind != "FORMDROPDOWN":
        return ""
    entries, chosen = values.get("ListEntry", []), values.get("Selected", ["0"])[0]
    chosen = values.get("Result", [chosen])[0]
    at = int(chosen) if chosen.isdigit() else 0
    return entries[at] if at < len(entries) else ""


def controls(body: Any) -> dict[str, str]:
    """What the controls of the text's forms show, by their ids."""
    found: dict[str, str] = {}
    for forms in body.iter(q("office:forms")):
        for control in forms.iter():
            key = control.get(q("form:id"))
            if key:
                found[key] = _control(control)
    return found


def _control(control: Any) -> str:
    kind = control.tag.rpartition("}")[2]
    label = control.get(q("form:label"), "")
    if kind in ("checkbox", "radio"):
        state = control.get(q("form:current-state")) or control.get(q("form:state"))
        chosen = state in _TRUE or control.get(q("form:current-selected")) == "true"
        return f"{'[x]' if chosen else '[ ]'} {label}".rstrip()
    if kind == "listbox":
        options = control.iterfind(q("form:option"))
        chosen_ones = [o for o in options if o.get(q("form:current-selected")) == "true"]
        return ", ".join(o.get(q("form:label"), "") for o in chosen_ones)
    return str(control.get(q("form:current-value")) or control.get(q("form:value")) or label)
