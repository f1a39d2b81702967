// The source beside the answer: opens at a citation, goes through the citations by key, shows the
// quoted words when a citation is hovered or focused. The markup comes from the server, escaped.
(() => {
  "use strict";
  const root = document.documentElement;
  const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  let current = null; // the button whose source is shown
  let asked = 0; // counts requests, so that a late reply to an old one is dropped

  function element(tag, attributes) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    document.body.append(made);
    return made;
  }

  function pane() {
    return (
      document.getElementById("pl-pane") ||
      element("aside", { id: "pl-pane", "aria-labelledby": "pl-pane-title", hidden: "" })
    );
  }

  // Gradio draws the conversation anew at times; the button is then another one with the same place.
  function living(button) {
    if (!button || button.isConnected) return button;
    const same = [...document.querySelectorAll("[data-place]")];
    return same.find((other) => other.dataset.place === button.dataset.place) || null;
  }

  async function open(button, page) {
    hideTip();
    current = button;
    const ticket = ++asked;
    light(button);
    let markup = "";
    try {
      const place = { ...JSON.parse(button.dataset.place), language: root.lang };
      if (page) place.page = page;
      root.classList.toggle("pl-wide", Boolean(place.preview));
      const reply = await fetch("/page/source", { method: "POST", body: JSON.stringify(place) });
      if (!reply.ok && reply.status !== 404) throw new Error(String(reply.status));
      markup = await reply.text();
    } catch {
      markup = "";
    }
    if (ticket !== asked) return;
    const shown = pane();
    if (markup) shown.innerHTML = markup;
    else shown.textContent = root.lang === "en" ? "Plumbline does not answer." : "Plumbline 没有响应。";
    shown.hidden = false;
    root.classList.add("pl-paned");
    shown.querySelectorAll(".pl-previous, .pl-next").forEach((one) => {
      one.hidden = !button.classList.contains("pl-cite");
    });
    document.getElementById("pl-pane-title")?.focus({ preventScroll: true });
    button.scrollIntoView({ behavior: calm() ? "auto" : "smooth", block: "nearest" });
    centre(shown.querySelector(".pl-view-text"));
    picture(shown, ticket);
  }

  function light(button) {
    document.querySelectorAll(".pl-active").forEach((old) => old.classList.remove("pl-active"));
    button.classList.add("pl-active");
    let before = button.previousElementSibling;
    while (before && !before.classList.contains("pl-sentence")) {
      before = before.previousElementSibling;
    }
    before?.classList.add("pl-active");
    button.closest(".pl-card")?.classList.add("pl-active");
  }

  // Scroll a view, and only it, so that its first mark is in sight.
  function centre(view) {
    const mark = view?.querySelector("mark");
    if (!mark || view.hidden) return;
    const offset = mark.getBoundingClientRect().top - view.getBoundingClientRect().top;
    view.scrollTop += offset - view.clientHeight / 3;
  }

  async function picture(shown, ticket) {
    const image = shown.querySelector("img[data-src]");
    if (!image) return;
    const word = shown.querySelector("[data-undrawn]");
    const drawing = shown.querySelector(".pl-drawing");
    try {
      const reply = await fetch(image.dataset.src);
      if (!reply.ok) throw new Error(String(reply.status));
      const url = URL.createObjectURL(await reply.blob());
      if (ticket !== asked) return URL.revokeObjectURL(url);
      const marked = reply.headers.get("x-marked");
      image.onload = () => {
        URL.revokeObjectURL(url);
        drawing.remove();
        const view = image.closest(".pl-view");
        if (!marked) return;
        const [left, top] = marked.split(",").map(Number);
        view.scrollTop = image.offsetTop + top * image.clientHeight - view.clientHeight / 3;
        view.scrollLeft = left * image.clientWidth - 24;
      };
      image.src = url;
      if (!marked && word.dataset.unmarked) tell(word, word.dataset.unmarked);
    } catch {
      if (ticket !== asked) return;
      image.remove();
      drawing.remove();
      tell(word, word.dataset.undrawn);
      view(shown, "text");
      shown.querySelector(".pl-view-text").prepend(word);
    }
  }

  function tell(word, text) {
    word.textContent = text;
    word.hidden = false;
  }

  function view(shown, name) {
    shown.querySelectorAll("[data-view]").forEach((button) => {
      button.setAttribute("aria-pressed", String(button.dataset.view === name));
    });
    for (const kind of ["picture", "text"]) {
      const part = shown.querySelector(`.pl-view-${kind}`);
      if (part) part.hidden = kind !== name;
    }
    if (name === "text") centre(shown.querySelector(".pl-view-text"));
  }

  function close() {
    asked += 1;
    pane().hidden = true;
    root.classList.remove("pl-paned", "pl-wide");
    document.querySelectorAll(".pl-active").forEach((old) => old.classList.remove("pl-active"));
    const button = living(current);
    current = null;
    button?.focus({ preventScroll: true });
    button?.scrollIntoView({ block: "nearest" });
  }

  function step(from, by) {
    const button = living(from);
    const all = [...(button?.closest(".pl-exchange")?.querySelectorAll(".pl-cite") || [])];
    const next = all[all.indexOf(button) + by];
    if (!next) return;
    if (pane().hidden) next.focus();
    else open(next);
  }

  // The quoted words, beside a citation that is hovered or focused.
  function tip() {
    return (
      document.getElementById("pl-tip") ||
      element("div", { id: "pl-tip", role: "tooltip", hidden: "" })
    );
  }

  function showTip(button) {
    const box = tip();
    box.textContent = "";
    const from = document.createElement("strong");
    from.textContent = button.dataset.from;
    const quote = document.createElement("q");
    quote.textContent = button.dataset.quote;
    box.append(from, quote);
    box.hidden = false;
    button.setAttribute("aria-describedby", "pl-tip");
    const place = button.getBoundingClientRect();
    const width = box.offsetWidth;
    const left = Math.min(Math.max(8, place.left - 12), window.innerWidth - width - 8);
    const above = place.top - box.offsetHeight - 6;
    box.style.left = `${left}px`;
    box.style.top = `${above > 8 ? above : place.bottom + 6}px`;
  }

  function hideTip() {
    const box = document.getElementById("pl-tip");
    if (!box || box.hidden) return;
    box.hidden = true;
    document
      .querySelectorAll('[aria-describedby="pl-tip"]')
      .forEach((button) => button.removeAttribute("aria-describedby"));
  }

  const cited = (event) => event.target.closest?.(".pl-cite");
  document.addEventListener("mouseover", (event) => {
    const button = cited(event);
    if (button) showTip(button);
    else if (!event.target.closest?.("#pl-tip")) hideTip();
  });
  document.addEventListener("focusin", (event) => {
    const button = cited(event);
    if (button && button.matches(":focus-visible")) showTip(button);
    else hideTip();
  });
  document.addEventListener("scroll", hideTip, true);

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button");
    if (!button) return;
    const inPane = button.closest("#pl-pane");
    if (button.dataset.place) open(button);
    else if (button.dataset.language || button.id === "pl-fresh") pane().hidden || close();
    else if (inPane && button.dataset.turn) open(current, Number(button.dataset.turn));
    else if (inPane && button.dataset.view) view(inPane, button.dataset.view);
    else if (inPane && button.classList.contains("pl-close")) close();
    else if (inPane && button.classList.contains("pl-next")) step(current, 1);
    else if (inPane && button.classList.contains("pl-previous")) step(current, -1);
  });

  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const button = cited(event);
    const inPane = event.target.closest?.("#pl-pane");
    if (event.key === "Escape") {
      if (document.getElementById("pl-tip")?.hidden === false) hideTip();
      else if (!pane().hidden && (inPane || button || event.target === document.body)) close();
    } else if ((event.key === "ArrowRight" || event.key === "ArrowLeft") && (inPane || button)) {
      step(button || current, event.key === "ArrowRight" ? 1 : -1);
      event.preventDefault();
    }
  });
})();
