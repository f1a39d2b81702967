// Collections: the forms that make, rename and remove one. What is sent goes through Gradio's event
// `alter` of the bar, so that all of the page follows. Names are set as text.
(() => {
  "use strict";

  function made(tag, css, text) {
    const element = document.createElement(tag);
    if (tag === "button") element.type = "button";
    element.className = css;
    element.textContent = text;
    return element;
  }

  function place(opener) {
    const found = opener.closest("#pl-collections").querySelector(".pl-collection-form");
    found.textContent = "";
    return found;
  }

  function cancels(opener, word) {
    const button = made("button", "pl-quiet", word);
    button.addEventListener("click", () => {
      place(opener);
      opener.focus();
    });
    return button;
  }

  function send(change) {
    window.plumbline.changeCollection?.(change);
  }

  function form(opener) {
    const { collectionDoes: action, current, name, help, send: word, cancel } = opener.dataset;
    const form = made("form", "pl-collection-name", "");
    const label = made("label", "", name);
    const box = made("input", "", "");
    box.value = current;
    box.maxLength = 64;
    box.required = true;
    label.append(box, made("span", "pl-small", help));
    const button = made("button", "pl-send", word);
    button.type = "submit";
    form.append(label, button, cancels(opener, cancel));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const wanted = box.value.trim();
      if (wanted && wanted !== current) send({ action, name: current, to: wanted });
    });
    form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") form.querySelector(".pl-quiet").click();
    });
    place(opener).append(form);
    box.focus();
    box.select();
  }

  async function confirm(opener) {
    const name = opener.dataset.collectionRemoves;
    const asked = new URLSearchParams({ collection: name, language: document.documentElement.lang });
    const reply = await fetch(`/page/belongings?${asked}`);
    const box = made("div", "pl-collection-going", "");
    box.setAttribute("role", "alert");
    if (reply.ok) box.innerHTML = await reply.text();
    else box.textContent = await reply.text();
    if (reply.ok) {
      const yes = made("button", "pl-yes", opener.dataset.yes);
      yes.addEventListener("click", () => send({ action: "remove", name, to: "" }));
      box.append(yes, " ");
    }
    const no = cancels(opener, opener.dataset.no);
    box.append(no);
    place(opener).append(box);
    no.focus();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button");
    if (button?.dataset.collectionDoes) form(button);
    else if (button?.dataset.collectionRemoves) confirm(button);
  });
})();
