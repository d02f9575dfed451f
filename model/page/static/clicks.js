// What a click does.

async function copy(button) {
  const text = button.dataset.copy;
  try {
    await navigator.clipboard.writeText(text);
  } catch { // a page that is not on this machine has no clipboard without HTTPS
    const box = make("textarea", text);
    document.body.append(box);
    box.select();
    document.execCommand("copy");
    box.remove();
  }
  one("#sl-folded [role=status]").textContent = say("js_copied");
  const words = button.dataset.words ??= button.textContent;
  button.textContent = say("js_copied");
  setTimeout(() => { button.textContent = words; }, 2000);
}

document.addEventListener("click", (event) => {
  const cell = event.target.closest?.(".sl-cell");
  const chip = event.target.closest?.(".sl-chip");
  const doer = event.target.closest?.("button[data-do]");
  const jump = event.target.closest?.('.sl a[href^="#sl-p"]');
  if (event.target.closest?.("#sl-judge")) {
    editing = false;
    const refused = one("#sl-refused");
    if (refused) refused.textContent = ""; // it was about files that were dropped before
  }
  if (event.target.closest?.(".sl-skip")) {
    event.preventDefault(); // Gradio's <base>, as below
    const there = [...all("#sl-folded h2, #sl-input textarea")].find(visible);
    there?.focus();
  }
  if (cell && data) {
    origin = cell;
    if (one(".sl-card")?.dataset.cell !== cell.dataset.cell) open(cell.dataset.cell);
    else if (!one(".sl-card [data-back]")) one(".sl-card [data-shut]").before(wayBack(cell.dataset.cell), " ");
    const section = one(`#sl-p${Number(cell.dataset.cell.split(",")[0]) + 1}`);
    section?.scrollIntoView({ block: "center" });
    one(`.sl-chip[data-cell="${cell.dataset.cell}"]`)?.focus({ preventScroll: true });
  } else if (chip && data) {
    const { top } = chip.getBoundingClientRect();
    origin = null;
    open(chip.dataset.cell);
    scrollBy(0, chip.getBoundingClientRect().top - top); // the panel that was open above it has gone
  }
  else if (jump) {
    event.preventDefault(); // Gradio's <base> leads to the page without its query, which would load it anew
    location.hash = jump.getAttribute("href");
    const row = jump.closest("#sl-lines li"); // of a party: the text is colored for it
    if (row && data) choose(all("#sl-lines li").indexOf(row));
    const there = one(jump.getAttribute("href"));
    there?.scrollIntoView(); // a hash that is there already does not scroll
    there?.focus({ preventScroll: true });
  }
  else if (doer?.dataset.do === "end") {
    const there = one("#sl-compare"); // the buttons that save files are below it
    there?.scrollIntoView({ block: "center" });
    there?.focus({ preventScroll: true });
  }
  else if (doer?.dataset.do === "forget") forget(forgetful());
  else if (doer?.dataset.do === "minor") {
    document.body.classList.toggle("sl-all");
    rove();
    reach();
  }
  else if (doer?.dataset.do === "insist") {
    editing = false;
    one("#sl-insist").click();
  }
  else if (["file", "kept"].includes(doer?.dataset.do)) {
    editing = false;
    if (data && Object.keys(data.labels).length) { // it may be the one that is shown, beside the input
      document.body.classList.add("sl-read");
      document.title = `${one("#sl-folded h2").textContent} – Sidelight`;
    }
    window.sidelightFile = Number(doer.dataset.file);
    one(doer.dataset.do === "file" ? "#sl-files-open" : "#sl-compare-open").click();
  }
  else if (doer?.dataset.do === "copy") copy(doer);
  else if (doer?.dataset.do === "put-back") putBack();
  else if (doer?.dataset.do === "edit") {
    editing = true;
    unfold();
    one("#sl-input textarea")?.focus();
  }
  else if (doer && data) {
    const count = Object.keys(own()).length;
    if (!count) status(say("js_empty"));
    else if (doer.dataset.do === "download") save("labels.jsonl", "application/jsonl", gold());
    else if (confirm(say("js_confirm_clear", { count }))) { close(); keep({}); }
  }
});
