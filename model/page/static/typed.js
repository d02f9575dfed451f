// What a reader typed and did not analyze yet can be put back when an example, a file or an older article replaced it.

let typed = ""; // what the box holds since the reader last changed it, unless it was analyzed
let replaced = ""; // what was typed before something else came into the box
const words = (text) => text.split(/\s+/).filter(Boolean).join(" "); // as model/page/typed.py compares texts
const analyzed = (text) => data && words(data.text) === words(text);
const isLink = (text) => !/\s/.test(text.trim());

document.addEventListener("input", ({ isTrusted, target }) => {
  if (isTrusted && target.closest?.("#sl-input")) typed = target.value;
});

setInterval(() => { // Gradio fills the box without an event
  const notice = one("#sl-replaced");
  const box = one("#sl-input textarea");
  if (!notice || !box) return;
  if (typed && analyzed(typed)) typed = "";
  if (replaced && analyzed(replaced)) replaced = "";
  if (typed && box.value !== typed) {
    if (!isLink(typed)) replaced = typed;
    typed = "";
  }
  notice.hidden = !replaced;
}, 500);

function putBack() {
  const box = one("#sl-input textarea");
  typed = replaced;
  replaced = "";
  enter(typed, box);
  editing = true;
  unfold();
  box.focus();
}
