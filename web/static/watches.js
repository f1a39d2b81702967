// Watched folders: fetched while their place is in sight, now and again. When their follower has
// brought documents or taken some away, the list of documents is drawn anew, unless someone is at
// work in it. The markup comes from the server, escaped.
(() => {
  "use strict";
  const TICK_MS = 500;
  const EVERY = 8; // ticks
  let shown = "";
  let tick = 0;
  let about = "";
  let documents = null;

  const bar = () => document.querySelector(".pl-collection-bar");
  const place = () => document.querySelector("#pl-watches .pl-watches");

  function visible() {
    const here = place();
    return here && here.offsetParent !== null && !document.hidden ? here : null;
  }

  function busy() {
    const list = document.querySelector("#pl-documents");
    return Boolean(
      list?.contains(document.activeElement) ||
        list?.querySelector(".pl-pick:checked, .pl-asking, .pl-said-form") ||
        document.querySelector("#pl-news .pl-stage, #pl-current .pl-stage"),
    );
  }

  async function look() {
    const here = visible();
    const collection = bar()?.dataset.collection;
    if (!here || !collection) return;
    try {
      const asked = { collection, language: document.documentElement.lang };
      const reply = await fetch(`/page/watches?${new URLSearchParams(asked)}`, { cache: "no-store" });
      if (!reply.ok) return;
      const markup = await reply.text();
      if (markup !== shown || !here.firstChild) draw(here, markup);
      follow(`${collection} ${reply.headers.get("x-documents")}`);
    } catch {
      // The page says elsewhere that the server is gone.
    }
  }

  // What is unfolded stays so.
  function draw(here, markup) {
    const folds = () => [...here.querySelectorAll("details")];
    const open = folds().map((one) => one.open);
    here.innerHTML = markup;
    shown = markup;
    if (open.length === folds().length) folds().forEach((one, at) => (one.open = open[at]));
  }

  function follow(now) {
    const changed = documents !== null && documents !== now && sameCollection(documents, now);
    if (changed && busy()) return;
    documents = now;
    if (changed) window.plumbline.resumed?.();
  }

  const sameCollection = (one, other) => one.split(" ")[0] === other.split(" ")[0];

  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-watch-forget]");
    if (button) {
      const body = { collection: button.dataset.collection, key: button.dataset.watchForget };
      await fetch("/page/watches", { method: "POST", body: JSON.stringify(body) });
      look();
    }
  });

  // At once when another collection or language is shown, or the list comes into sight.
  setInterval(() => {
    const now = visible() && `${bar()?.dataset.collection} ${document.documentElement.lang}`;
    if (now && (now !== about || tick % EVERY === 0)) look();
    about = now;
    tick += 1;
  }, TICK_MS);
})();
