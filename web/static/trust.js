// Trust: models, accuracy and health are fetched when their place comes into sight; and "why was
// this not found?" below an answer. The markup comes from the server, escaped.
(() => {
  "use strict";
  const root = document.documentElement;

  async function fill(place, path, more) {
    try {
      const reply = await fetch(path, more);
      const text = await reply.text();
      if (reply.ok) place.innerHTML = text;
      else place.textContent = text;
    } catch {
      place.textContent = root.lang === "en" ? "Plumbline does not answer." : "Plumbline 没有响应。";
    }
  }

  const asked = (place) =>
    new URLSearchParams({ collection: place.dataset.collection, language: root.lang });

  const watch = new IntersectionObserver((seen) => {
    seen
      .filter((one) => one.isIntersecting && !one.target.firstChild)
      .forEach((one) => fill(one.target, `/page/trust?${asked(one.target)}`));
  });
  const watched = new WeakSet();
  new MutationObserver(() => {
    document.querySelectorAll(".pl-trust").forEach((place) => {
      if (watched.has(place)) return;
      watched.add(place);
      watch.observe(place);
    });
  }).observe(document, { subtree: true, childList: true });

  async function check(button) {
    const word = button.textContent;
    button.textContent = button.dataset.busy;
    button.disabled = true;
    const name = new URLSearchParams({ collection: button.dataset.check, language: root.lang });
    await fill(button.closest("section").querySelector(".pl-health"), `/page/check?${name}`);
    button.textContent = word;
    button.disabled = false;
  }

  function why(button) {
    const article = button.closest(".pl-exchange");
    const old = article.querySelector(".pl-why");
    if (old) return old.remove();
    const { label, hint, send } = button.dataset;
    const form = document.createElement("form");
    form.className = "pl-why";
    const name = document.createElement("label");
    const box = document.createElement("input");
    box.placeholder = hint;
    box.required = true;
    box.maxLength = 4000;
    name.append(label, box);
    const show = document.createElement("button");
    show.className = "pl-send";
    show.textContent = send;
    const told = document.createElement("div");
    told.setAttribute("role", "status");
    form.append(name, show, told);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const missed = {
        conversation: window.plumbline.conversation(),
        number: Number(article.id.replace("pl-x", "")),
        expect: box.value,
        language: root.lang,
      };
      told.textContent = "…";
      fill(told, "/page/explain", { method: "POST", body: JSON.stringify(missed) });
    });
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      form.remove();
      button.focus();
    });
    button.closest(".pl-foot").after(form);
    // What was marked in a source beside the answer is what was meant.
    box.value = String(window.getSelection()).trim().slice(0, 4000);
    box.focus();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button");
    if (button?.dataset.check) check(button);
    else if (button?.classList.contains("pl-why-open")) why(button);
  });
})();
