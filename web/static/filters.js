// The filter of questions: its fields come from the server, escaped; what is chosen goes with each
// question until it is cleared or another collection is chosen.
(() => {
  "use strict";
  let chosen = {};
  let about = "";

  const bar = () => document.querySelector(".pl-filters");

  function only() {
    return Object.keys(chosen).length ? JSON.stringify(chosen) : "";
  }

  function tell() {
    const place = bar()?.querySelector(".pl-filters-chosen");
    if (!place) return;
    const words = Object.values(chosen).join(" · ");
    if (place.dataset.words === words) return;
    place.dataset.words = words;
    place.textContent = "";
    if (!words) return;
    const clear = document.createElement("button");
    clear.type = "button";
    clear.className = "pl-quiet";
    clear.textContent = `${bar().dataset.clear} ✕`;
    clear.addEventListener("click", () => {
      chosen = {};
      bar().querySelectorAll("[name]").forEach((field) => (field.value = ""));
      tell();
    });
    place.append(words, " ", clear);
  }

  async function toggle(button) {
    const fields = bar().querySelector(".pl-filters-fields");
    fields.hidden = !fields.hidden;
    button.setAttribute("aria-expanded", String(!fields.hidden));
    if (fields.hidden) return;
    const asked = { collection: bar().dataset.collection, language: document.documentElement.lang };
    const reply = await fetch(`/page/filters?${new URLSearchParams(asked)}`);
    if (reply.ok) fields.innerHTML = await reply.text();
    else fields.textContent = await reply.text();
    for (const field of fields.querySelectorAll("[name]")) field.value = chosen[field.name] || "";
    fields.querySelector("select")?.focus();
  }

  function fold() {
    const fields = bar()?.querySelector(".pl-filters-fields");
    if (!fields || fields.hidden) return;
    fields.hidden = true;
    bar().querySelector(".pl-filters-open").setAttribute("aria-expanded", "false");
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(".pl-filters-open");
    if (button) toggle(button);
    else if (event.target.closest?.("#pl-ask")) fold();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.closest?.("#pl-question")) fold();
  });
  document.addEventListener("change", (event) => {
    const field = event.target.closest?.(".pl-filters-fields [name]");
    if (!field) return;
    chosen[field.name] = field.value;
    if (!field.value) delete chosen[field.name];
    tell();
  });
  // Gradio draws the bar anew with another collection or language.
  new MutationObserver(() => {
    const now = bar()?.dataset.collection;
    if (now === undefined) return;
    if (now !== about) chosen = {};
    about = now;
    tell();
  }).observe(document, { subtree: true, childList: true });

  window.plumbline.only = only;
})();
