// The input that folds, and the articles that this browser remembers.

// The input gives way to the results: its place is a line with the article's title.
function fold() {
  const line = one("#sl-folded h2");
  if (!line || document.body.classList.contains("sl-read")) return;
  line.textContent = data.title || data.paragraphs[0].split(/\s+/).slice(0, 9).join(" ") + " …";
  remember();
  if (editing) return;
  document.title = `${line.textContent} – Sidelight`;
  document.body.classList.add("sl-read");
  line.focus({ preventScroll: true });
  window.scrollTo(0, 0);
  one("#sl-folded [role=status]").textContent =
    say("js_done", { paragraphs: data.paragraphs.length, parties: data.parties.filter(({ main }) => main).length });
}

// The focus goes to a place as soon as it is to be seen.
let wanted = "";
function at(selector) {
  wanted = selector;
  const there = wanted && one(wanted);
  if (!there || !visible(there)) return;
  wanted = "";
  there.scrollIntoView({ block: "start" });
  there.focus({ preventScroll: true });
}

function unfold() {
  if (!document.body.classList.contains("sl-read")) return; // a title that is set anew is a change of the page
  document.body.classList.remove("sl-read");
  document.title = "Sidelight";
}

// The last articles stay in this browser, if the reader does not mind: a click analyzes one again.
const PAST = "sidelight:history";
const MOST = 10;
const stored = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
const past = () => { try { return JSON.parse(stored(PAST)) || []; } catch { return []; } };
const forgetful = () => stored("sidelight:forgetful") === "1";

function remember() {
  if (forgetful()) return;
  const title = one("#sl-folded h2").textContent;
  let some = [{ id: data.id, title, text: data.text, at: new Date().toLocaleDateString("sv") },
    ...past().filter(({ id }) => id !== data.id)].slice(0, MOST);
  while (some.length) {
    try { localStorage.setItem(PAST, JSON.stringify(some)); break; } catch { some = some.slice(0, -1); } // it is full
  }
  showPast();
}

function showPast() {
  const section = one("#sl-history");
  if (!section) return;
  const rows = past();
  one('[data-do="remember"]', section).checked = !forgetful();
  section.hidden = !rows.length && !forgetful();
  one("ul", section).replaceChildren(...rows.map(({ title, at, text }) => {
    const row = make("li");
    const button = make("button", `${title} (${at})`, { type: "button", lang: "en" });
    button.addEventListener("click", () => {
      enter(text, one("#sl-input textarea"));
      ask();
    });
    row.append(button);
    return row;
  }));
  section.dataset.filled = "1";
}

function forget(really) {
  try {
    localStorage.removeItem(PAST);
    if (really) localStorage.setItem("sidelight:forgetful", "1"); else localStorage.removeItem("sidelight:forgetful");
  } catch { /* nothing is kept there */ }
  showPast();
}

// What a reader opened in the glance stays open when it is made anew.
const unfolded = new Set();
const nameOf = (details) => details.id || `more ${all("#sl-lines li").indexOf(details.closest("li"))}`;
document.addEventListener("click", ({ target }) => { // not "toggle", which comes after what may make it anew
  const details = target.closest?.(".sl-glance summary")?.parentElement;
  if (details?.open) unfolded.delete(nameOf(details)); else if (details) unfolded.add(nameOf(details));
});
// What a reader folded or unfolded below it stays so too.
const folds = new Map();
document.addEventListener("click", ({ target }) => {
  const details = target.closest?.("#sl-table > summary, #sl-disagree > summary")?.parentElement;
  if (details) folds.set(details.id, !details.open);
});
const reopen = () => { for (const one of all(".sl-glance details:not([open])")) if (unfolded.has(nameOf(one))) one.open = true; };
