// Feedback: good or poor, why, and how the answer should read; and the list under "Trust".
(() => {
  "use strict";
  const root = document.documentElement;

  async function send(article, body, told) {
    const number = Number(article.id.replace("pl-x", ""));
    const said = { conversation: window.plumbline.conversation(), number, ...body };
    const reply = await fetch("/page/feedback", { method: "POST", body: JSON.stringify(said) });
    const news = article.querySelector(".pl-said");
    news.textContent = reply.ok ? told.saved : await reply.text();
    article.querySelectorAll("[data-rating]").forEach((button) => {
      button.setAttribute("aria-pressed", String(Number(button.dataset.rating) === body.rating));
    });
  }

  function write(article, told) {
    article.querySelector(".pl-opinion")?.remove();
    const form = document.createElement("div");
    form.className = "pl-opinion";
    const boxes = ["reason", "corrected"].map((name) => {
      const label = document.createElement("label");
      const box = document.createElement("textarea");
      box.rows = name === "reason" ? 1 : 3;
      box.name = name;
      label.append(told[name], box);
      form.append(label);
      return box;
    });
    for (const [word, css, keep] of [[told.save, "pl-send", true], [told.cancel, "pl-quiet", false]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = css;
      button.textContent = word;
      button.addEventListener("click", () => {
        if (keep) {
          const [reason, corrected] = boxes.map((box) => box.value);
          send(article, { rating: -1, reason, corrected }, told);
        }
        form.remove();
        article.querySelector('[data-rating="-1"]')?.focus();
      });
      form.append(button);
    }
    article.querySelector(".pl-foot").after(form);
    boxes[0].focus();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-rating]");
    if (!button) return;
    const article = button.closest(".pl-exchange");
    const told = button.closest(".pl-rate").dataset;
    if (button.dataset.rating === "1") send(article, { rating: 1 }, told);
    else write(article, told);
  });

  // The list is fetched whenever its place comes into sight.
  const watch = new IntersectionObserver((seen) => {
    seen.filter((one) => one.isIntersecting).forEach(async (one) => {
      const reply = await fetch(`/page/feedback?language=${encodeURIComponent(root.lang)}`);
      const text = await reply.text();
      if (reply.ok) one.target.innerHTML = text;
      else one.target.textContent = text;
    });
  });
  const watched = new WeakSet();
  new MutationObserver(() => {
    document.querySelectorAll(".pl-feedback").forEach((place) => {
      if (watched.has(place)) return;
      watched.add(place);
      watch.observe(place);
    });
  }).observe(document, { subtree: true, childList: true });
})();
