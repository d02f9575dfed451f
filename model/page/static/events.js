// Other events, and what Gradio puts into the page.

document.addEventListener("change", (event) => {
  const input = event.target;
  if (input.dataset?.do === "remember") forget(!input.checked);
  if (!data) return;
  if (input.name === "sl-party") choose(input.value);
  else if (input.dataset?.do === "mentions") color();
  else if (input.dataset?.do === "blind") {
    document.body.classList.toggle("sl-blind", input.checked);
    close();
    show();
  } else if (input.dataset?.do === "load" && input.files[0]) {
    load(input.files[0]);
    input.value = "";
  }
});

// Another tab of the page changed the labels of this article.
addEventListener("storage", ({ key }) => {
  if (!data || (key !== null && key !== place())) return;
  show();
  const card = one(".sl-card");
  if (card && !Object.keys(drafts).length) fill(card, card.dataset.cell);
});

// What a reader types into the article while it is analyzed is not folded away.
document.addEventListener("input", ({ isTrusted, target }) => {
  if (isTrusted && target.closest?.("#sl-input")) editing = true;
});

// Gradio puts each part into the page in its own time: the box may be there before the button.
function ask() {
  const button = one("#sl-judge");
  asked = !button;
  button?.click();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.repeat && (event.ctrlKey || event.metaKey) && event.target.closest?.("#sl-input")) ask();
  if (event.key === "Escape" && data) {
    one(".sl-card :focus")?.blur(); // which takes along what is typed, a moment later
    queueMicrotask(() => one(".sl-card :is([data-back], [data-shut])")?.click());
  }
  const key = event.key.toLowerCase();
  const other = !event.ctrlKey && !event.metaKey && !event.altKey && along(event.target, key);
  if (other) {
    other.focus();
    event.preventDefault();
    return;
  }
  const button = event.target.closest?.(".sl-cell, .sl-chip");
  if (!button || !data || event.metaKey || event.altKey) return;
  const cell = button.dataset.cell;
  const to = button.classList.contains("sl-cell") && next(button, key, event.ctrlKey);
  if (to) to.focus();
  else if (event.ctrlKey) return;
  else if (KEYS[key]) set(cell, KEYS[key]);
  else if (key === "y" && data.labels[cell] && !blind()) agree(cell);
  else if (key === "delete" || key === "backspace") set(cell, null);
  else return;
  event.preventDefault();
});

// Gradio puts new results into the page whenever they are there.
new MutationObserver(() => {
  if (asked) ask();
  if (wanted) at(wanted);
  if (one("#sl-history:not([data-filled])")) showPast();
  roving ||= requestAnimationFrame(() => { roving = 0; reopen(); rove(); }); // it asks what is visible: once a frame will do
  const alert = one("#sl-message [role=alert]") || one("#sl-refused:not(:empty)");
  const said = alert && (alert.dataset.at || alert.textContent); // Gradio puts a new message into the old element
  if (alert && said !== told) alert.scrollIntoView({ block: "center" }); // it may answer a button far below
  told = said;
  const holder = one("#sl-data");
  if (!holder) { data = null; raw = ""; unfold(); return; }
  const table = one("#sl-matrix");
  if (holder.dataset.json === raw && (!table || table.dataset.ready)) return;
  if (holder.dataset.json !== raw) {
    const [before, chosen, cell, typed, part] = [data, party, opened, drafts, focused];
    raw = holder.dataset.json;
    data = JSON.parse(raw);
    if (before && before.id !== data.id) { unfold(); unfolded.clear(); folds.clear(); }
    const names = (some) => some.parties.map(({ name }) => name).join("\n");
    const labeled = before && Object.keys(before.labels).length;
    const same = labeled && before.id === data.id && names(before) === names(data); // only labels are new
    if ((!same || opening) && Object.keys(data.labels).length) fold();
    opening = false;
    choose(same ? chosen : blind() ? "0" : String(data.first)); // Gradio puts a new list of parties into the old one, where another may be chosen
    close();
    if (same && cell) restore(cell, typed, part, before);
  }
  if (table && !table.dataset.ready) {
    const wide = !matchMedia("(max-width: 640px)").matches; // else the article's margin says the same
    one("#sl-table").open = folds.get("sl-table") ?? wide;
    one("#sl-disagree").open = folds.get("sl-disagree") ?? true;
    table.dataset.ready = "1";
  }
  const box = one('[data-do="blind"]');
  if (box) box.checked = blind();
  show();
}).observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-at", "data-json"] });

// An article was kept for comparison: the box is open for the next one.
window.sidelightNext = () => {
  editing = true;
  unfold();
  one("#sl-input textarea")?.focus({ preventScroll: true });
  one("#sl-compared")?.scrollIntoView({ block: "start" }); // what is asked for now
};
window.sidelightAt = at;
window.sidelightSave = save;
