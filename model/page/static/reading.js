// The article: colors for a party, and the card under a paragraph.

// Colors the text for the chosen party.
function color() {
  if (!data.parties[party]) return;
  const lit = one('[data-do="mentions"]')?.checked ?? true;
  const labels = own();
  for (const section of all(".sl-para")) {
    const cell = `${section.dataset.paragraph},${party}`;
    const ours = blind() ? undefined : data.labels[cell]?.stance;
    const stance = labels[keyOf(cell)]?.stance || ours;
    if (stance) section.dataset.stance = stance; else delete section.dataset.stance;
    for (const piece of all("[data-mention]", section))
      piece.classList.toggle("sl-mention", lit && piece.dataset.mention.split(" ").includes(party));
    for (const piece of all("[data-evidence]", section)) {
      const carries = !blind() && piece.dataset.evidence.split(" ").includes(party);
      piece.classList.remove("favorable", "critical");
      if (carries && data.labels[cell] && stance === data.labels[cell].stance) piece.classList.add(data.labels[cell].stance);
    }
    for (const chip of all(".sl-chip", section))
      chip.classList.toggle("sl-chosen", chip.dataset.cell === cell);
  }
  rove();
}

// The stances beside the article are one stop of the Tab key, and so are the links of each list of paragraphs, with
// what unfolds more of them.
const GROUPS = ["#sl-summary", "#sl-lines", "#sl-article .sl-reading"];
const STOPS = 'a[href^="#sl-p"], .sl-copy, .sl-chip, .sl-more > summary';
const stops = (group) => all(STOPS, group).filter(visible);
function rove() {
  for (const group of GROUPS.map((name) => one(name)).filter(Boolean)) {
    const some = stops(group);
    const chosen = some.find((stop) => stop.dataset.stop) || some[0];
    for (const stop of all(STOPS, group)) stop.tabIndex = stop === chosen ? 0 : -1;
  }
}

function choose(number) {
  party = String(number);
  const radio = one(`input[name="sl-party"][value="${party}"]`);
  if (radio) radio.checked = true;
  color();
}

// The card under a paragraph: what Sidelight says of one party there, and the reader's own label.
let opened = null; // the cell of the open card, what is typed there, and which part of it has the focus
let drafts = {};
let focused = "";
let aimed = null; // the reader's label of the open card as the pointer went down: a field that loses the focus may change it

const partOf = ({ dataset }) =>
  dataset.set ? `[data-set="${dataset.set}"]` : ["note", "holder", "shut", "back"].filter((name) => name in dataset).map((name) => `[data-${name}]`)[0] || "";
document.addEventListener("focusin", ({ target }) => { focused = target.closest?.(".sl-card") ? partOf(target) : ""; });
document.addEventListener("pointerdown", ({ target }) => {
  const card = target.closest?.(".sl-card");
  if (card) aimed = { label: own()[keyOf(card.dataset.cell)] }; else focused = "";
});
document.addEventListener("click", () => { aimed = null; }); // after the button's own

// The card anew, after Gradio took it away with the old labels: what was typed stays where it has a place, and the focus too.
function restore(cell, typed, part, old) {
  open(cell);
  const [was, now] = [old.labels[cell], data.labels[cell]];
  const mine = own()[keyOf(cell)];
  const meant = mine || (was?.stance === now?.stance && was?.by === now?.by); // of the label that is there
  for (const [name, text] of Object.entries(typed)) {
    const field = one(`.sl-card [data-${name}]`);
    if (!field) continue;
    field.value = drafts[name] = text;
    const said = name === "note" ? mine : meant; // a note that is still typed agrees with nothing
    if (said && !field.disabled) field.dispatchEvent(new Event("change")); // a script's value has no event of its own
  }
  if (part && document.activeElement === document.body) one(`.sl-card ${part}`)?.focus({ preventScroll: true });
}

function open(cell) {
  const [paragraph, number] = cell.split(",");
  const section = one(`#sl-p${Number(paragraph) + 1}`);
  const shown = one(".sl-card");
  const again = shown?.dataset.cell === cell && shown.parentElement === section;
  close();
  choose(number);
  if (again || !section) return;
  const card = make("div", "", { class: "sl-card", "data-cell": cell, role: "group" });
  fill(card, cell);
  section.append(card);
  opened = cell;
  one(`.sl-chip[data-cell="${cell}"]`, section)?.setAttribute("aria-expanded", "true");
}

function close() {
  opened = null;
  drafts = {};
  one(".sl-card")?.remove();
  for (const chip of all('.sl-chip[aria-expanded="true"]')) chip.setAttribute("aria-expanded", "false");
}

// What Sidelight says of a party there, and why; or what the reader said who saved the analysis.
function ours(label, name) {
  const said = label.readers ? say(label.stance) : say("js_ours", { stance: say(label.stance), share: label.share });
  const more = [label.unsure ? say("unsure") : "", label.voice, label.readers ? say("readers_label") : ""].filter(Boolean).join(", ");
  const first = make("p", `${name}. ${said.trim()}${more ? `, ${more}` : ""}`);
  if (!label.evidence) return [first];
  const [before, after] = say("js_evidence").split("{text}");
  const because = make("p", before);
  because.append(make("span", label.evidence, { lang: "en" }), after);
  return [first, because];
}

function choice(words, set, pressed, act) {
  const button = make("button", words, { type: "button", "data-set": set, "aria-pressed": String(pressed) });
  button.addEventListener("click", act);
  return button;
}

// To the cell of the table from which the reader came.
function wayBack(cell) {
  const back = make("button", say("js_back"), { type: "button", "data-back": "" });
  back.addEventListener("click", () => {
    const target = one(`.sl-cell[data-cell="${cell}"]`);
    close();
    if (target) target.closest("details").open = true;
    target?.scrollIntoView({ block: "center" });
    target?.focus({ preventScroll: true });
  });
  return back;
}

// Who speaks in a quoted voice: chosen among those who are quoted and the parties, or typed.
function speaker(cell, taken) {
  const label = blind() ? undefined : data.labels[cell];
  const mine = own()[keyOf(cell)];
  const quoted = SIDES.includes(taken) && (blind() ? mine?.voice : voiceOf(cell)) === "quoted";
  const some = [...(blind() ? [] : Object.values(data.labels)), ...Object.values(own())].map(({ holder }) => holder);
  const names = new Set([...some, ...data.parties.filter(({ main }) => main).map(({ name }) => name)].filter(Boolean));
  const list = make("datalist", "", { id: "sl-speakers" });
  list.append(...[...names].map((value) => make("option", "", { value })));
  const field = make("input", "", { type: "text", list: "sl-speakers", maxlength: LONGEST_HOLDER, "data-holder": "" });
  field.value = quoted ? mine?.holder ?? label?.holder ?? "" : "";
  field.disabled = !quoted;
  field.addEventListener("input", () => { drafts.holder = field.value; });
  const row = make("label", `${say("js_holder")} `, { class: "sl-speaker" });
  row.append(field, list);
  return row;
}

// Which buttons of the card are pressed, where a field changed: to make the card anew would lose what is about to be clicked.
function press(card, cell) {
  const mine = own()[keyOf(cell)];
  for (const button of all("[data-set]", card))
    button.setAttribute("aria-pressed", String([mine?.stance, mine?.voice].includes(button.dataset.set)));
}

function fill(card, cell) {
  const [paragraph, number] = cell.split(",").map(Number);
  const label = data.labels[cell];
  const mine = own()[keyOf(cell)];
  const name = data.parties[number].name;
  drafts = {}; // kept with the label, or taken back with it
  card.replaceChildren();
  card.setAttribute("aria-label", `¶${paragraph + 1}, ${name}`);
  if (label && !blind()) card.append(...ours(label, name));
  const pick = (stance, pressed, voice) => {
    set(cell, stance, { voice, note: field.value });
    one(`.sl-card [data-set="${pressed}"]`)?.focus();
  };
  const seen = () => (aimed ? aimed.label : own()[keyOf(cell)]); // the label that a click is about
  const choices = make("div", `${say("js_set", { number: paragraph + 1, party: name })}: `, { class: "sl-choices" });
  for (const stance of STANCES) {
    choices.append(choice(`${data.signs[stance]} ${say(stance)}`, stance, mine?.stance === stance,
      () => pick(seen()?.stance === stance ? null : stance, stance)));
  }
  const shown = mine?.stance || (!blind() && label?.stance);
  const voices = make("div", `${say("js_voice")}: `, { class: "sl-choices" });
  const heard = mine ? mine.voice : !blind() && label?.by;
  for (const voice of VOICES) {
    const button = choice(say(`voice_${voice}`), voice, heard === voice && SIDES.includes(shown),
      () => pick(shown, voice, seen()?.voice === voice ? "" : voice)); // a voice of one's own makes the label one's own
    button.disabled = !SIDES.includes(shown); // what takes no side has no voice; the row keeps its room
    voices.append(button);
  }
  const who = speaker(cell, shown);
  one("input", who).addEventListener("change", ({ target }) => { // it makes the label one's own too
    put(cell, shown, { voice: "quoted", holder: target.value.trim(), note: field.value });
    press(card, cell);
  });
  voices.append(who);
  const note = make("label", `${say("js_note")} `);
  const field = make("input", "", { type: "text", maxlength: "500", "data-note": "" });
  field.value = mine?.note || "";
  field.disabled = !mine && (blind() || !label); // a note is of a label
  field.addEventListener("input", () => { drafts.note = field.value; });
  const noted = () => {
    if (drafts.note === undefined) return;
    delete drafts.note;
    const labels = own();
    keep({ ...labels, [keyOf(cell)]: { ...labels[keyOf(cell)], note: field.value } });
  };
  const agrees = () => { // without a label of one's own a note is of Sidelight's
    if (drafts.note === undefined || !field.value.trim() || !field.isConnected) return; // if taken away with old labels, `restore` has it
    put(cell, ...agreed(cell));
    noted();
    press(card, cell);
  };
  for (const left of ["change", "blur"]) // a text that a script set has no change
    field.addEventListener(left, () => { if (own()[keyOf(cell)]) noted(); else queueMicrotask(agrees); });
  note.append(field);
  const shut = make("button", say("js_close"), { type: "button", "data-shut": "" });
  shut.addEventListener("click", () => {
    const chip = one(`.sl-chip[data-cell="${cell}"]`);
    close();
    chip?.focus();
  });
  const ends = make("p");
  if (origin?.dataset.cell === cell) ends.append(wayBack(cell), " ");
  ends.append(shut);
  card.append(choices, voices, note, ends);
}
