// What a reader typed and did not analyze yet can be put back when an example, a file or an older article replaced it.

let typed = ""; // what the box holds since the reader last changed it
const words = (text) => text.split(/\s+/).filter(Boolean).join(" "); // as model/page/typed.py compares texts
const isLink = (text) => !/\s/.test(text.trim());

document.addEventListener("input", ({ isTrusted, target }) => {
  if (isTrusted && target.closest?.("#sl-input")) typed = target.value;
});

setInterval(() => { // Gradio fills the box without an event
  const notice = one("#sl-replaced");
  const box = one("#sl-input textarea");
  if (!notice || !box) return;
  const replaced = !isLink(typed) && box.value !== typed;
  if (replaced && data && words(data.text) === words(typed)) typed = ""; // it was analyzed
  notice.hidden = !replaced || !typed;
}, 500);

function putBack() {
  const box = one("#sl-input textarea");
  enter(typed, box);
  one("#sl-replaced").hidden = true;
  editing = true;
  unfold();
  box.focus();
}
