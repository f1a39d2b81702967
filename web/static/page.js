// What the page does in the browser beside Gradio: the language at the start, copying,
// confirming a removal. Listens on the document, because Gradio redraws its parts.
(() => {
  "use strict";
  const KEY = "plumbline.language";

  function language() {
    let chosen = null;
    try {
      chosen = localStorage.getItem(KEY);
    } catch {
      // Storage may be forbidden; the browser's language serves then.
    }
    const language = (chosen || navigator.language || "en").toLowerCase().startsWith("zh")
      ? "zh"
      : "en";
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    return language;
  }

  function remember(language) {
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    try {
      localStorage.setItem(KEY, language);
    } catch {
      // As above: the choice then lasts until the page is closed.
    }
  }

  // Each tab has its conversation; it outlives a reload and a restart of the server.
  const TALK = "plumbline.conversation";
  let talk = null;

  function fresh() {
    const bytes = crypto.getRandomValues(new Uint8Array(12));
    keep([...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(""));
    return language();
  }

  function keep(conversation) {
    talk = conversation;
    try {
      sessionStorage.setItem(TALK, conversation);
    } catch {
      // Then it lasts until the page is closed.
    }
  }

  function conversation() {
    try {
      talk = talk || sessionStorage.getItem(TALK);
    } catch {
      // As above.
    }
    if (!talk) fresh();
    return talk;
  }

  const place = (collection) => [conversation(), collection, language()];

  function resume(conversation) {
    keep(conversation);
    window.plumbline.resumed?.();
  }

  function show() {
    document.documentElement.classList.add("pl-shown");
  }

  const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const behavior = () => (calm() ? "auto" : "smooth");

  function toggleWhole(button) {
    const card = button.closest(".pl-card");
    const open = card.classList.toggle("pl-open");
    const other = button.dataset.other;
    button.dataset.other = button.textContent;
    button.textContent = other;
    button.setAttribute("aria-expanded", String(open));
  }

  async function copy(button) {
    const text = button.dataset.copy;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // The clipboard interface needs a secure page; a selection works everywhere.
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    const label = button.textContent;
    button.textContent = button.dataset.done;
    setTimeout(() => {
      button.textContent = label;
    }, 1500);
  }

  function askToRemove(button, asking) {
    const cell = button.closest(".pl-actions");
    cell.classList.toggle("pl-asking", asking);
    cell.querySelector(asking ? ".pl-no" : ".pl-remove").focus();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button");
    if (!button) return;
    const has = (name) => button.classList.contains(name);
    if (has("pl-more")) toggleWhole(button);
    else if (has("pl-copy")) copy(button);
    else if (has("pl-remove")) askToRemove(button, true);
    else if (has("pl-no")) askToRemove(button, false);
  });

  document.addEventListener(
    "keydown",
    (event) => {
      // Enter that ends the composition of a Chinese word must not send the question.
      if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) {
        event.stopImmediatePropagation();
      } else if (event.key === "Escape" && event.target.closest?.(".pl-confirm")) {
        askToRemove(event.target, false);
      }
    },
    true,
  );

  // A new question is brought to the top of the window once; afterwards the reader scrolls.
  let seen = "pl-x1";
  new MutationObserver(() => {
    const article = document.querySelector("#pl-current .pl-exchange");
    if (!article) {
      seen = "pl-x1";
    } else if (article.id !== seen) {
      seen = article.id;
      article.scrollIntoView({ behavior: behavior(), block: "start" });
    }
  }).observe(document, { subtree: true, childList: true, attributeFilter: ["id"] });

  window.plumbline = { language, remember, show, conversation, fresh, place, resume };
  // Should the first answer of the server never come, the page must still be seen.
  setTimeout(show, 3000);
})();
