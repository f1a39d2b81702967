// Conversations: the drawer that lists them, editing the last question, export, and telling when
// the server is gone. Titles and questions are set as text, or come from the server escaped.
(() => {
  "use strict";
  const root = document.documentElement;
  const spoken = () => encodeURIComponent(root.lang || "en");

  // Editing: the question or its stand-alone form becomes a box; its button says what to do.
  function edit(button) {
    const article = button.closest(".pl-exchange");
    if (article.querySelector(".pl-edit")) return;
    const form = document.createElement("div");
    form.className = "pl-edit";
    const box = document.createElement("textarea");
    box.value = button.dataset.text;
    box.rows = Math.min(6, 1 + Math.ceil(box.value.length / 70));
    box.setAttribute("aria-label", button.textContent);
    const send = document.createElement("button");
    send.type = "button";
    send.className = "pl-send";
    send.textContent = button.dataset.send;
    send.dataset.act = button.dataset.edit;
    const keep = document.createElement("button");
    keep.type = "button";
    keep.className = "pl-quiet";
    keep.textContent = button.dataset.keep;
    keep.addEventListener("click", () => {
      form.remove();
      button.focus();
    });
    box.addEventListener("input", () => {
      send.dataset.text = box.value;
      send.disabled = !box.value.trim();
    });
    box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") keep.click();
      else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        send.click();
      }
    });
    send.dataset.text = box.value;
    form.append(box, send, keep);
    article.querySelector(".pl-columns").before(form);
    box.focus();
    box.setSelectionRange(box.value.length, box.value.length);
  }

  // The drawer.
  let opener = null;

  function drawer() {
    let made = document.getElementById("pl-drawer");
    if (!made) {
      made = document.createElement("aside");
      made.id = "pl-drawer";
      made.hidden = true;
      made.setAttribute("aria-labelledby", "pl-drawer-title");
      document.body.append(made);
      let waiting = 0;
      made.addEventListener("input", (event) => {
        if (!event.target.matches(".pl-talk-search")) return;
        clearTimeout(waiting);
        waiting = setTimeout(list, 200);
      });
    }
    return made;
  }

  async function open(button) {
    opener = button;
    const made = drawer();
    made.innerHTML = await (await fetch(`/page/drawer?language=${spoken()}`)).text();
    made.hidden = false;
    button.setAttribute("aria-expanded", "true");
    await list();
    document.getElementById("pl-drawer-title")?.focus({ preventScroll: true });
  }

  function close() {
    drawer().hidden = true;
    opener?.setAttribute("aria-expanded", "false");
    if (opener?.isConnected) opener.focus();
  }

  async function list() {
    const made = drawer();
    const words = encodeURIComponent(made.querySelector(".pl-talk-search").value);
    const reply = await fetch(`/page/conversations?language=${spoken()}&search=${words}`);
    const markup = await reply.text();
    const place = made.querySelector(".pl-talk-list");
    // A list that comes late must not take a title that is being written.
    if (place.querySelector(".pl-talk-name:not([data-done])")) return;
    if (reply.ok) place.innerHTML = markup;
    else place.textContent = markup;
    const current = window.plumbline.conversation();
    place.querySelector(`[data-talk="${current}"]`)?.setAttribute("aria-current", "true");
  }

  async function change(body) {
    await fetch("/page/conversations", { method: "POST", body: JSON.stringify(body) });
    await list();
  }

  function rename(row) {
    const title = row.querySelector(".pl-talk-title");
    const box = document.createElement("input");
    box.value = title.textContent;
    box.className = "pl-talk-name";
    box.setAttribute("aria-label", row.querySelector(".pl-talk-rename").title);
    let done = false;
    const finish = (save) => {
      if (done) return;
      done = true;
      box.dataset.done = "";
      const text = box.value.trim();
      if (save && text) change({ conversation: row.dataset.talk, title: text });
      else list();
    };
    box.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "Enter") finish(true);
      else if (event.key === "Escape") {
        event.stopPropagation();
        finish(false);
      }
    });
    box.addEventListener("blur", () => finish(true));
    row.querySelector(".pl-talk-open").replaceWith(box);
    box.focus();
    box.select();
  }

  function confirm(row) {
    const told = drawer().querySelector(".pl-drawer-head").dataset;
    const asked = document.createElement("span");
    asked.className = "pl-talk-confirm";
    asked.setAttribute("role", "alert");
    asked.append(told.confirm);
    for (const [name, css] of [["yes", "pl-yes pl-talk-yes"], ["no", "pl-no pl-talk-no"]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = css;
      button.textContent = told[name];
      asked.append(" ", button);
    }
    row.querySelector(".pl-talk-actions").replaceWith(asked);
    asked.querySelector(".pl-talk-no").focus();
  }

  async function remove(row) {
    const conversation = row.dataset.talk;
    await change({ conversation });
    if (conversation === window.plumbline.conversation()) document.getElementById("pl-fresh").click();
    document.getElementById("pl-drawer-title")?.focus();
  }

  document.addEventListener("click", (event) => {
    const target = event.target.closest?.("button, a");
    if (!target) return;
    const has = (name) => target.classList.contains(name);
    const row = target.closest("[data-talk]");
    if (target.dataset.edit) edit(target);
    else if (target.dataset.export) {
      const asked = { conversation: window.plumbline.conversation(), format: target.dataset.export };
      target.href = `/page/export?${new URLSearchParams({ ...asked, language: root.lang })}`;
    } else if (has("pl-talks-button")) drawer().hidden ? open(target) : close();
    else if (has("pl-drawer-close")) close();
    else if (has("pl-talk-open")) {
      close();
      window.plumbline.resume(row.dataset.talk);
    } else if (has("pl-talk-rename")) rename(row);
    else if (has("pl-talk-delete")) confirm(row);
    else if (has("pl-talk-yes")) remove(row);
    else if (has("pl-talk-no")) list();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target.closest?.("#pl-drawer")) close();
  });

  // While an answer is under way, and when the reader comes back: is the server still there and
  // still the same, and does the page show what it has? A page that slept, or whose conversation
  // went on in another tab, is drawn anew.
  let process = null;
  let words = {};
  let before = null;
  const current = () => document.querySelector("#pl-current");

  async function look(back) {
    const waiting = current()?.querySelector(".pl-stage");
    if (process && !waiting && !back) return void (before = null);
    try {
      const asked = { language: root.lang || "en", conversation: window.plumbline.conversation() };
      const place = `/page/alive?${new URLSearchParams(asked)}`;
      const told = await (await fetch(place, { cache: "no-store" })).json();
      words = told;
      if (process && told.process !== process) restarted(told);
      else catchUp(told, waiting, back);
      process = told.process;
    } catch {
      if (waiting && words.lost) say(words.lost, words.reload, () => location.reload());
    }
  }

  function catchUp(told, waiting, back) {
    const now = { version: told.version, text: current()?.textContent, still: 0 };
    const moved = before && told.version !== before.version && now.text === before.text;
    if (waiting && (moved || told.version < 0)) now.still = (before?.still || 0) + 1;
    before = now;
    const shown = document.querySelectorAll(".pl-exchange").length;
    const elsewhere = back && !waiting && told.asked !== shown && !document.querySelector(".pl-edit");
    if (now.still < 2 && !elsewhere) return;
    before = null;
    document.getElementById("pl-lost")?.remove();
    window.plumbline.resumed?.();
  }

  function restarted(told) {
    const asked = current()?.querySelector(".pl-stage");
    window.plumbline.resumed?.();
    if (!asked) return;
    say(told.restarted, told.again, () => window.plumbline.act({ act: "again" }));
  }

  function say(text, word, does) {
    document.getElementById("pl-lost")?.remove();
    const bar = document.createElement("div");
    bar.id = "pl-lost";
    bar.setAttribute("role", "alert");
    const said = document.createElement("span");
    said.textContent = text;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = word;
    button.addEventListener("click", () => {
      bar.remove();
      does();
    });
    bar.append(said, button);
    document.body.append(bar);
  }

  setInterval(() => look(false), 3000);
  look(false);
  document.addEventListener("visibilitychange", () => document.hidden || look(true));
  window.addEventListener("focus", () => look(true));
  window.addEventListener("online", () => look(true));
})();
