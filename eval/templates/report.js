const bar = document.querySelector(".filter");
const items = [...document.querySelectorAll(".item")];
let state = "";
const apply = () => {
  const words = bar.querySelector("input").value.toLowerCase();
  for (const item of items) {
    const fits = (!state || item.dataset.state === state) && item.textContent.toLowerCase().includes(words);
    item.hidden = !fits;
  }
};
for (const button of bar.querySelectorAll("button")) {
  button.addEventListener("click", () => {
    bar.querySelector(".on").classList.remove("on");
    button.classList.add("on");
    state = button.dataset.state;
    apply();
  });
}
bar.querySelector("input").addEventListener("input", apply);
bar.hidden = false;
