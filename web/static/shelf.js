// Documents: dropping files and folders, searching the list, replacing a document.
(() => {
  "use strict";
  const input = () => document.querySelector('#pl-drop input[type="file"]');

  function upload(files) {
    const box = input();
    if (!box || !files.length) return;
    const given = new DataTransfer();
    files.forEach((file) => given.items.add(file));
    box.files = given.files;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // A folder's files, however deep. Hidden ones are left where they are.
  async function within(entry) {
    if (entry.name.startsWith(".")) return [];
    if (entry.isFile) {
      return [await new Promise((resolve, reject) => entry.file(resolve, reject))];
    }
    const reader = entry.createReader();
    const found = [];
    for (;;) {
      const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (!some.length) break;
      for (const one of some) found.push(...(await within(one)));
    }
    return found;
  }

  const dropZone = (event) => event.target.closest?.("#pl-drop");
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    document.querySelector("#pl-drop")?.classList.toggle("pl-over", Boolean(dropZone(event)));
  });
  document.addEventListener("drop", async (event) => {
    // A file dropped beside the zone must not make the browser leave the page.
    event.preventDefault();
    const zone = dropZone(event);
    document.querySelector("#pl-drop")?.classList.remove("pl-over");
    if (!zone) return;
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.());
    const files = [...event.dataTransfer.files];
    if (!entries.some((entry) => entry?.isDirectory)) return upload(files);
    const found = await Promise.all(entries.filter(Boolean).map(within));
    upload(found.flat());
  });

  function filter() {
    const words = document.querySelector(".pl-filter")?.value.trim().toLowerCase() || "";
    document.querySelectorAll(".pl-documents tbody tr").forEach((row) => {
      const name = row.querySelector("th");
      if (name) row.hidden = !name.textContent.toLowerCase().includes(words);
    });
  }
  let searched = "";
  document.addEventListener("input", (event) => {
    if (!event.target.matches?.(".pl-filter")) return;
    searched = event.target.value;
    filter();
  });
  // A list drawn anew is searched anew.
  new MutationObserver(() => {
    const box = document.querySelector(".pl-filter");
    if (!box || !(searched || box.value)) return;
    box.value = searched;
    filter();
  }).observe(document, { subtree: true, childList: true });

  // The new file takes the old one's name, so that the server replaces the document.
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(".pl-replace");
    if (!button) return;
    const name = button.dataset.name;
    const chooser = document.createElement("input");
    chooser.type = "file";
    const dot = name.lastIndexOf(".");
    if (dot > 0) chooser.accept = name.slice(dot);
    chooser.id = "pl-chooser";
    chooser.hidden = true;
    document.getElementById("pl-chooser")?.remove();
    document.body.append(chooser);
    chooser.addEventListener("change", () => {
      const [file] = chooser.files;
      chooser.remove();
      if (file) upload([new File([file], name, { type: file.type })]);
    });
    chooser.click();
  });

  // A summary is shown where answers are.
  const picked = () =>
    [...document.querySelectorAll(".pl-pick:checked")].map((box) => box.value);

  function summarise(documents) {
    if (!documents.length) return;
    document.querySelectorAll(".pl-pick").forEach((box) => (box.checked = false));
    showChosen();
    document.querySelector('#pl-tabs [role="tab"]')?.click();
    window.plumbline.act({ act: "summarise", documents });
  }

  function showChosen() {
    const button = document.querySelector(".pl-summarise-chosen");
    if (button) button.hidden = picked().length < 2;
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches?.(".pl-pick")) showChosen();
  });
  document.addEventListener("click", (event) => {
    const one = event.target.closest?.(".pl-summarise");
    if (one) summarise([one.dataset.document]);
    if (event.target.closest?.(".pl-summarise-chosen")) summarise(picked());
  });
})();
