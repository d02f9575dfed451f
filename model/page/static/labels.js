// The reader's own labels: kept, shown, listed, told to the server.

function keep(labels) {
  const text = JSON.stringify(labels);
  unkept.delete(place());
  try {
    if (Object.keys(labels).length) localStorage.setItem(place(), text);
    else localStorage.removeItem(place());
  } catch {
    unkept.set(place(), text);
  }
  show();
  if (unkept.has(place()) && text !== "{}") status(say("js_full"));
}

// Whose voice counts: the reader's, else Sidelight's where it saw a side.
function voiceOf(cell, mine = own()[keyOf(cell)]) {
  const label = data.labels[cell];
  return mine?.voice || (SIDES.includes(label?.stance) ? label.by : "");
}

// Only a label that takes a side has a voice, and only a quoted one a holder; the reader's own ones stay with it unless
// others are given.
function put(cell, stance, { voice, holder, note } = {}) {
  const labels = own();
  const key = keyOf(cell);
  const { name, kind, aliases } = data.parties[cell.split(",")[1]];
  const mine = { ...labels[key], stance, party: { name, kind, aliases } };
  mine.voice = SIDES.includes(stance) ? voice ?? mine.voice : "";
  const quoted = SIDES.includes(stance) && voiceOf(cell, mine) === "quoted";
  mine.holder = quoted ? holder ?? mine.holder : undefined;
  if (note) mine.note = note;
  if (stance) labels[key] = mine;
  else delete labels[key];
  keep(labels);
}

// Sidelight's label as the reader's, with its voice and speaker: it stays so where Sidelight's changes.
function agreed(cell) {
  const { stance, by, holder } = data.labels[cell];
  return [stance, SIDES.includes(stance) ? { voice: by, holder: by === "quoted" ? holder : undefined } : {}];
}
const agree = (cell) => set(cell, ...agreed(cell));

function set(cell, stance, more) {
  put(cell, stance, more);
  const card = one(".sl-card");
  if (card && card.dataset.cell === cell) fill(card, cell);
}

// Puts the reader's labels into the table and the margin.
function show() {
  const labels = own();
  for (const button of all("[data-cell]")) {
    if (button.classList.contains("sl-card")) continue;
    const mine = labels[keyOf(button.dataset.cell)]?.stance;
    const ours = data.labels[button.dataset.cell]?.stance;
    const colored = button.closest("td") || button;
    colored.classList.remove(...STANCES);
    colored.classList.add(mine || ours || "absent");
    colored.classList.toggle("sl-fixed", Boolean(mine));
    one(".sl-yours, .sl-unset", button)?.remove();
    const hidden = one(".sl-ours", button);
    if (hidden) hidden.hidden = Boolean(mine);
    if (mine) button.prepend(make("span", `${data.signs[mine]} ${say(mine)} `, { class: "sl-yours" }));
    else if (blind() && button.closest("td")) button.prepend(make("span", say("js_unset"), { class: "sl-unset" }));
    if (button.dataset.said) button.title = blind() ? "" : button.dataset.said;
    if (button.classList.contains("sl-cell")) name(button, mine);
  }
  const count = Object.keys(labels).length;
  const hidden = Object.keys(labels).filter((key) => !data.parties.some((one) => one.name === partyOf(key))).length;
  status(count ? say("js_count", { count }) + (hidden ? say("js_hidden", { count: hidden }) : "") : "");
  changes(labels);
  tell(labels);
  color();
}

const spoken = (voice, holder) =>
  voice === "quoted" && holder ? say("voice_quoted_of", { holder }) : say(`voice_${voice}`);

// Where the reader's labels and Sidelight's differ, each with a way back.
function changes(labels) {
  const list = one("#sl-changes");
  if (!list) return;
  const rows = Object.entries(labels).flatMap(([key, { stance, voice, holder }]) => {
    const number = data.parties.findIndex(({ name }) => name === partyOf(key));
    const cell = `${key.split("|")[0]},${number}`;
    const ours = data.labels[cell];
    const heard = voice && voice !== ours?.by; // differently
    const named = holder !== undefined && holder !== ours?.holder;
    if (!ours || (ours.stance === stance && !heard && !named) || blind()) return [];
    const told = (what, by, who, of = "") =>
      [say(what), voice && VOICES.includes(by) ? spoken(by, who) : "", of].filter(Boolean).join(", ");
    return [[cell, say("js_change", { number: Number(key.split("|")[0]) + 1, party: partyOf(key),
      ours: told(ours.stance, ours.by, ours.holder, ours.readers ? say("readers_label") : ""), yours: told(stance, voice, holder ?? ours.holder) })]];
  });
  if (list.dataset.rows === JSON.stringify(rows)) return; // a list that is made anew is a change of the page
  list.dataset.rows = JSON.stringify(rows);
  list.replaceChildren(...rows.map(([cell, text]) => {
    const row = make("li", `${text} `);
    const undo = make("button", say("js_undo"), { type: "button", "aria-label": say("js_undo_of", { change: text }) });
    undo.addEventListener("click", () => { set(cell, null); one("#sl-disagree summary")?.focus(); });
    row.append(undo);
    return row;
  }));
}

// The reader's labels as rows of a gold file.
const rows = (labels) => Object.entries(labels).map(([key, { stance, voice, holder, note }]) => ({
  paragraph: Number(key.split("|")[0]), party: partyOf(key), stance, ...(voice ? { voice } : {}),
  ...(holder === undefined ? {} : { holder }), annotator: "gold", ...(note ? { note } : {}),
})).sort((a, b) => a.paragraph - b.paragraph);

// The server's counts, lines and files follow the reader's labels.
function tell(labels) {
  const button = one("#sl-tell");
  const known = rows(labels);
  const sent = JSON.stringify({ id: data.id, labels: known });
  if (!button || heard === sent || (!known.length && !toldOf.has(data.id))) return;
  heard = sent;
  toldOf.add(data.id);
  clearTimeout(telling);
  telling = setTimeout(() => button.click(), 300);
}
window.sidelightOwn = () => heard; // a click that saves a file says it too: the server may not have heard it yet

// A cell's name for a screen reader: its paragraph, its party and its label.
function name(cell, mine) {
  const [paragraph, number] = cell.dataset.cell.split(",").map(Number);
  const instead = mine ? say(mine) : blind() && say("js_unset"); // of Sidelight's label
  const label = instead ? `${data.parties[number].name}: ${instead}` : cell.dataset.said;
  cell.setAttribute("aria-label", say("js_cell", { number: paragraph + 1, label }));
}
