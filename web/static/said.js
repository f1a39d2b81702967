// Tags and fields of a document: the form below its row. The markup comes from the server, escaped.
(() => {
  "use strict";
  const collection = () => document.querySelector(".pl-collection-bar")?.dataset.collection || "";
  const language = () => document.documentElement.lang;

  function fold() {
    document.querySelectorAll(".pl-said-row").forEach((row) => row.remove());
    document.querySelectorAll(".pl-said-open").forEach((button) => {
      button.setAttribute("aria-expanded", "false");
    });
  }

  async function open(button) {
    const again = button.getAttribute("aria-expanded") === "true";
    fold();
    if (again) return;
    const asked = { collection: collection(), document: button.dataset.document, language: language() };
    const reply = await fetch(`/page/said?${new URLSearchParams(asked)}`);
    const row = document.createElement("tr");
    const cell = document.createElement("td");
    row.className = "pl-said-row";
    cell.colSpan = 9;
    if (reply.ok) cell.innerHTML = await reply.text();
    else cell.textContent = await reply.text();
    row.append(cell);
    button.closest("tr").after(row);
    button.setAttribute("aria-expanded", "true");
    cell.querySelector("input")?.focus();
  }

  function leave(form) {
    const id = form.dataset.document;
    fold();
    const openers = [...document.querySelectorAll(".pl-said-open")];
    openers.find((one) => one.dataset.document === id)?.focus();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(".pl-said-open, .pl-said-cancel");
    if (button?.classList.contains("pl-said-open")) open(button);
    else if (button) leave(button.closest("form"));
  });
  document.addEventListener("keydown", (event) => {
    const form = event.target.closest?.(".pl-said-form");
    if (form && event.key === "Escape") leave(form);
  });
  document.addEventListener("submit", async (event) => {
    const form = event.target.closest?.(".pl-said-form");
    if (!form) return;
    event.preventDefault();
    const said = Object.fromEntries(new FormData(form));
    const about = { collection: collection(), document: form.dataset.document, language: language() };
    const news = form.querySelector(".pl-said-news");
    try {
      const body = JSON.stringify({ ...said, ...about });
      const reply = await fetch("/page/said", { method: "POST", body });
      if (!reply.ok) return void (news.textContent = await reply.text());
      leave(form);
      window.plumbline.resumed?.();
    } catch {
      news.textContent = language() === "en" ? "Plumbline does not answer." : "Plumbline 没有响应。";
    }
  });
})();
