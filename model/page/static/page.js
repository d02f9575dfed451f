// What a reader does with the results, in the browser alone: colors for a party, jumps, own labels, files.
// Text is only ever set with textContent; nothing that was pasted becomes HTML.
(() => {
  "use strict";
  const KEYS = { f: "favorable", c: "critical", n: "neutral", a: "absent" };
  const STANCES = Object.values(KEYS);
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  let data = null; // of the article that is shown
  let raw = "";
  let told = null; // the message that the reader has seen: its time, or its words
  let party = "0";
  let origin = null; // the cell of the table from which the reader came
  let asked = false; // for an analysis, before the button for it was there
  let roving = 0;
  let heard = ""; // what the server knows of the reader's labels, and the timer until it hears of new ones
  let telling;
  let editing = false; // whether the reader wants to see the input beside results

  const say = (key, values = {}) =>
    Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, () => value), data.say[key]);
  const place = () => `sidelight:${data.id}`;
  const own = () => {
    try { return JSON.parse(localStorage.getItem(place())) || {}; } catch { return {}; }
  };
  const keyOf = (cell) => {
    const [paragraph, number] = cell.split(",").map(Number);
    return `${paragraph}|${data.parties[number]?.name}`;
  };
  const partyOf = (key) => key.split("|").slice(1).join("|");
  const blind = () => document.body.classList.contains("sl-blind");
  const make = (tag, text = "", attributes = {}) => {
    const element = document.createElement(tag);
    element.textContent = text;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const visible = (element) => element.checkVisibility();
  const status = (text) => { const line = one("#sl-status"); if (line) line.textContent = text; };

  function keep(labels) {
    try {
      if (Object.keys(labels).length) localStorage.setItem(place(), JSON.stringify(labels));
      else localStorage.removeItem(place());
      show();
    } catch {
      status(say("js_full"));
    }
  }

  function set(cell, stance) {
    const labels = own();
    const key = keyOf(cell);
    const { name, kind, aliases } = data.parties[cell.split(",")[1]];
    if (stance) labels[key] = { ...labels[key], stance, party: { name, kind, aliases } };
    else delete labels[key];
    keep(labels);
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

  // Where the reader's labels and Sidelight's differ, each with a way back.
  function changes(labels) {
    const list = one("#sl-changes");
    if (!list) return;
    const rows = Object.entries(labels).flatMap(([key, { stance }]) => {
      const number = data.parties.findIndex(({ name }) => name === partyOf(key));
      const cell = `${key.split("|")[0]},${number}`;
      const ours = data.labels[cell]?.stance;
      return !ours || ours === stance || blind() ? [] : [[cell, say("js_change", {
        number: Number(key.split("|")[0]) + 1, party: partyOf(key), ours: say(ours), yours: say(stance) })]];
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

  // The server's counts, lines and files follow the reader's labels.
  function tell(labels) {
    const button = one("#sl-tell");
    const known = Object.entries(labels).map(([key, { stance }]) => [Number(key.split("|")[0]), partyOf(key), stance]);
    const sent = JSON.stringify({ id: data.id, labels: known });
    if (!button || heard === sent || (!known.length && !heard)) return;
    heard = sent;
    clearTimeout(telling);
    telling = setTimeout(() => {
      window.sidelightOwn = sent;
      button.click();
    }, 300);
  }

  // A cell's name for a screen reader: its paragraph, its party and its label.
  function name(cell, mine) {
    const [paragraph, number] = cell.dataset.cell.split(",").map(Number);
    const instead = mine ? say(mine) : blind() && say("js_unset"); // of Sidelight's label
    const label = instead ? `${data.parties[number].name}: ${instead}` : cell.dataset.said;
    cell.setAttribute("aria-label", say("js_cell", { number: paragraph + 1, label }));
  }

  // The input gives way to the results: its place is a line with the article's title.
  function fold() {
    const line = one("#sl-folded h2");
    if (!line || editing || document.body.classList.contains("sl-read")) return;
    line.textContent = data.title || data.paragraphs[0].split(/\s+/).slice(0, 9).join(" ") + " …";
    document.title = `${line.textContent} – Sidelight`;
    document.body.classList.add("sl-read");
    line.focus({ preventScroll: true });
    window.scrollTo(0, 0);
    one("#sl-folded [role=status]").textContent =
      say("js_done", { paragraphs: data.paragraphs.length, parties: data.parties.filter(({ main }) => main).length });
    remember();
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
    const text = one("#sl-input textarea")?.value;
    if (!text || forgetful()) return;
    const title = one("#sl-folded h2").textContent;
    let some = [{ id: data.id, title, text, at: new Date().toLocaleDateString("sv") },
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
        const box = one("#sl-input textarea");
        box.value = text;
        box.dispatchEvent(new Event("input", { bubbles: true }));
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
  const reopen = () => { for (const one of all(".sl-glance details:not([open])")) if (unfolded.has(nameOf(one))) one.open = true; };

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

  // The stances beside the article are one stop of the Tab key, and so are the links of each list of paragraphs.
  const GROUPS = ["#sl-summary", "#sl-lines", "#sl-article .sl-reading"];
  const stops = (group) => all('a[href^="#sl-p"], .sl-copy, .sl-chip', group).filter(visible);
  function rove() {
    for (const group of GROUPS.map((name) => one(name)).filter(Boolean)) {
      const some = stops(group);
      const chosen = some.find((stop) => stop.dataset.stop) || some[0];
      for (const stop of all('a[href^="#sl-p"], .sl-copy, .sl-chip', group)) stop.tabIndex = stop === chosen ? 0 : -1;
    }
  }

  function choose(number) {
    party = String(number);
    const radio = one(`input[name="sl-party"][value="${party}"]`);
    if (radio) radio.checked = true;
    color();
  }

  // The card under a paragraph: what Sidelight says of one party there, and the reader's own label.
  let opened = null; // the cell of the open card, and what is typed there
  let draft = "";

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
    draft = "";
    one(".sl-card")?.remove();
    for (const chip of all('.sl-chip[aria-expanded="true"]')) chip.setAttribute("aria-expanded", "false");
  }

  function fill(card, cell) {
    const [paragraph, number] = cell.split(",").map(Number);
    const label = data.labels[cell];
    const mine = own()[keyOf(cell)];
    const name = data.parties[number].name;
    card.replaceChildren();
    card.setAttribute("aria-label", `¶${paragraph + 1}, ${name}`);
    if (label && !blind()) {
      const said = say("js_ours", { stance: say(label.stance), share: label.share });
      const more = [label.unsure ? say("unsure") : "", label.voice].filter(Boolean).join(", ");
      card.append(make("p", `${name}. ${said.trim()}${more ? `, ${more}` : ""}`));
      if (label.evidence) {
        const [before, after] = say("js_evidence").split("{text}");
        const because = make("p", before);
        because.append(make("span", label.evidence, { lang: "en" }), after);
        card.append(because);
      }
    }
    const choices = make("div", `${say("js_set", { number: paragraph + 1, party: name })}: `, { class: "sl-choices" });
    for (const stance of STANCES) {
      const button = make("button", `${data.signs[stance]} ${say(stance)}`, {
        type: "button", "data-set": stance, "aria-pressed": String(mine?.stance === stance),
      });
      button.addEventListener("click", () => {
        const note = field.value;
        set(cell, mine?.stance === stance ? null : stance);
        if (note && mine?.stance !== stance) {
          keep({ ...own(), [keyOf(cell)]: { ...own()[keyOf(cell)], note } });
          fill(card, cell);
        }
        one(`.sl-card [data-set="${stance}"]`)?.focus();
      });
      choices.append(button);
    }
    const note = make("label", `${say("js_note")} `);
    const field = make("input", "", { type: "text", maxlength: "500", "data-note": "" });
    field.value = mine?.note || "";
    field.addEventListener("input", () => { draft = field.value; });
    field.addEventListener("change", () => {
      const labels = own();
      const label = labels[keyOf(cell)];
      if (label) keep({ ...labels, [keyOf(cell)]: { ...label, note: field.value } });
    });
    note.append(field);
    const back = make("button", say("js_back"), { type: "button", "data-back": "" });
    back.addEventListener("click", () => {
      const target = origin?.isConnected ? origin : one(`.sl-cell[data-cell="${cell}"]`);
      close();
      target?.scrollIntoView({ block: "center" });
      target?.focus({ preventScroll: true });
    });
    const shut = make("button", say("js_close"), { type: "button" });
    shut.addEventListener("click", () => {
      const chip = one(`.sl-chip[data-cell="${cell}"]`);
      close();
      chip?.focus();
    });
    const ends = make("p");
    ends.append(back, " ", shut);
    card.append(choices, note, ends);
  }

  // A file's name has the article's title and the day.
  function save(ending, type, text, called = data?.title || data?.paragraphs[0] || "") {
    const title = called.toLowerCase().match(/[\p{L}\p{N}]+/gu) || [];
    const name = ["sidelight", ...title.slice(0, 6), new Date().toLocaleDateString("sv")].join("-").slice(0, 100);
    const parts = ending === "csv" ? ["\ufeff", text] : [text]; // spreadsheets take it for UTF-8 by its first mark
    const link = make("a", "", { download: `${name}.${ending}`, href: URL.createObjectURL(new Blob(parts, { type })) });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  // The reader's labels as one line of gold, as `python -m eval` reads it.
  function gold() {
    const labels = own();
    const parties = Object.fromEntries(Object.values(labels).map(({ party: one }) => [one.name, one]));
    return JSON.stringify({
      id: `page-${data.id}`,
      title: data.title,
      paragraphs: data.paragraphs,
      parties: Object.values(parties),
      labels: Object.entries(labels).map(([key, { stance, note }]) => ({
        paragraph: Number(key.split("|")[0]), party: partyOf(key), stance,
        annotator: "gold", ...(note ? { note } : {}),
      })).sort((a, b) => a.paragraph - b.paragraph),
    }) + "\n";
  }

  async function load(file) {
    try {
      const row = JSON.parse((await file.text()).split("\n").find((line) => line.trim()));
      if (!Array.isArray(row.paragraphs) || !Array.isArray(row.labels)) throw new Error(say("js_bad_shape"));
      if (JSON.stringify(row.paragraphs) !== JSON.stringify(data.paragraphs)) {
        const box = one("#sl-input textarea");
        box.value = [row.title, ...row.paragraphs].filter(Boolean).join("\n\n");
        box.dispatchEvent(new Event("input", { bubbles: true }));
        status(say("js_other"));
        return;
      }
      const parties = Object.fromEntries((row.parties || []).map(({ name, kind, aliases }) =>
        [String(name), { name: String(name), kind: String(kind || ""), aliases: (aliases || []).map(String) }]));
      const labels = own();
      let count = 0;
      for (const { paragraph, party: name, stance, note } of row.labels) {
        if (!Number.isInteger(paragraph) || !data.paragraphs[paragraph] || !parties[name]
          || !STANCES.includes(stance)) throw new Error(`¶${paragraph + 1} ${name} ${stance}`);
        labels[`${paragraph}|${name}`] = { stance, party: parties[name], ...(note ? { note: String(note) } : {}) };
        count += 1;
      }
      keep(labels);
      status(`${say("js_loaded", { count })}. ${one("#sl-status").textContent}`);
    } catch (error) {
      status(say("js_bad", { reason: error.message }));
    }
  }

  // Where a key leads from a cell of the table: the keys of a grid.
  function next(button, key, far) {
    const steps = { arrowup: [-1, 0], arrowdown: [1, 0], arrowleft: [0, -1], arrowright: [0, 1] };
    const ends = { home: 0, end: -1 };
    const row = all("[data-cell]", button.closest("tr"));
    if (key in ends) return (far && button.closest("tbody") ? all(".sl-cell") : row).at(ends[key]);
    if (!steps[key]) return null;
    const [down, right] = steps[key];
    const [paragraph, number] = button.dataset.cell.split(",").map(Number);
    return one(`.sl-cell[data-cell="${paragraph + down},${number + right}"]`);
  }

  // In a group the stop is what had the focus last.
  document.addEventListener("focusin", ({ target }) => {
    if (target.matches?.(".sl-cell")) {
      for (const other of all('[data-cell][tabindex="0"]', target.closest("table"))) other.tabIndex = -1;
      target.tabIndex = 0;
      return;
    }
    const group = target.closest?.(GROUPS.join(", "));
    if (!group || !stops(group).includes(target)) return;
    for (const other of all("[data-stop]", group)) delete other.dataset.stop;
    target.dataset.stop = "1";
    rove();
  });

  // The arrows lead through a group, Home and End to the ends of it, or of a margin.
  function along(target, key) {
    const group = target.closest?.(GROUPS.join(", "));
    const some = group ? stops(group) : [];
    if (!some.includes(target)) return null;
    const step = { arrowup: -1, arrowleft: -1, arrowdown: 1, arrowright: 1 }[key];
    if (step) return some[some.indexOf(target) + step];
    const near = target.closest(".sl-margin") ? stops(target.closest(".sl-margin")) : some;
    return { home: near[0], end: near.at(-1) }[key];
  }

  async function copy(text) {
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
  }

  document.addEventListener("click", (event) => {
    const cell = event.target.closest?.(".sl-cell");
    const chip = event.target.closest?.(".sl-chip");
    const doer = event.target.closest?.("button[data-do]");
    const jump = event.target.closest?.('.sl a[href^="#sl-p"]');
    if (event.target.closest?.("#sl-judge")) editing = false;
    if (event.target.closest?.(".sl-skip")) {
      event.preventDefault(); // Gradio's <base>, as below
      const there = [...all("#sl-folded h2, #sl-input textarea")].find(visible);
      there?.focus();
    }
    if (cell && data) {
      origin = cell;
      if (one(".sl-card")?.dataset.cell !== cell.dataset.cell) open(cell.dataset.cell);
      const section = one(`#sl-p${Number(cell.dataset.cell.split(",")[0]) + 1}`);
      section?.scrollIntoView({ block: "center" });
      one(`.sl-chip[data-cell="${cell.dataset.cell}"]`)?.focus({ preventScroll: true });
    } else if (chip && data) open(chip.dataset.cell);
    else if (jump) {
      event.preventDefault(); // Gradio's <base> leads to the page without its query, which would load it anew
      location.hash = jump.getAttribute("href");
      one(jump.getAttribute("href"))?.focus({ preventScroll: true });
    }
    else if (doer?.dataset.do === "forget") forget(forgetful());
    else if (doer?.dataset.do === "insist") {
      editing = false;
      one("#sl-insist").click();
    }
    else if (doer?.dataset.do === "file") {
      editing = false;
      if (data && Object.keys(data.labels).length) { // it may be the one that is shown, beside the input
        document.body.classList.add("sl-read");
        document.title = `${one("#sl-folded h2").textContent} – Sidelight`;
      }
      window.sidelightFile = Number(doer.dataset.file);
      one("#sl-files-open").click();
    }
    else if (doer?.dataset.do === "copy") copy(doer.dataset.copy);
    else if (doer?.dataset.do === "edit") {
      editing = true;
      unfold();
      one("#sl-input textarea")?.focus();
    }
    else if (doer && data) {
      const count = Object.keys(own()).length;
      if (!count) status(say("js_empty"));
      else if (doer.dataset.do === "download") save("labels.jsonl", "application/jsonl", gold());
      else if (confirm(say("js_confirm_clear", { count }))) { localStorage.removeItem(place()); close(); show(); }
    }
  });

  // Why files are refused; "" where they are not.
  function refusal(files, { most, message, together, heavy, files: number, many }) {
    const say = (text, limit, values) => Object.entries({ most: limit, ...values }).reduce(
      (said, [name, value]) => said.replace(`{${name}}`, () => value), text);
    const size = (bytes) => ({ size: (bytes / 1e6).toFixed(1) });
    const large = files.find((file) => file.size > Number(most));
    if (large) return say(message, most / 1e6, { ...size(large.size), name: large.name });
    if (files.length > Number(number)) return say(many, number, { count: files.length });
    const all = files.reduce((sum, file) => sum + file.size, 0);
    return all > Number(together) ? say(heavy, together / 1e6, size(all)) : "";
  }

  // Files that are too large are refused here: Gradio would refuse them too, and then ask for the progress of the upload.
  function refuse(event, files) {
    if (!event.target.closest?.("#sl-file")) return;
    const alert = one("#sl-refused");
    if (!alert) return; // the page is not all there yet, and the file's place may come before this one
    const told = refusal([...files], alert.dataset);
    alert.textContent = told;
    if (!told) return;
    const rest = new DataTransfer(); // the files beside one that is too large
    for (const file of files) if (file.size <= Number(alert.dataset.most)) rest.items.add(file);
    const goesOn = rest.files.length && rest.files.length < files.length && !refusal([...rest.files], alert.dataset);
    if (goesOn && event.type === "change") {
      event.target.files = rest.files;
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    if (event.type === "change") event.target.value = "";
    else event.target.dispatchEvent(new DragEvent("dragleave", { bubbles: true }));
    if (!goesOn) return;
    event.target.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: rest }));
    alert.textContent = told;
  }
  for (const [type, files] of [["change", (event) => event.target.files], ["drop", (event) => event.dataTransfer.files]])
    document.addEventListener(type, (event) => {
      if (event.target.closest?.("#sl-file")) editing = false; // a saved analysis is shown as a new one is
      refuse(event, files(event) || []);
    }, { capture: true });

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

  // Gradio puts each part into the page in its own time: the box may be there before the button.
  function ask() {
    const button = one("#sl-judge");
    asked = !button;
    button?.click();
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.repeat && (event.ctrlKey || event.metaKey) && event.target.closest?.("#sl-input")) ask();
    if (event.key === "Escape" && data) one(".sl-card [data-back]")?.click();
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
    else if (key === "y" && data.labels[cell] && !blind()) set(cell, data.labels[cell].stance);
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
      const [before, chosen, cell, typed] = [data, party, opened, draft];
      raw = holder.dataset.json;
      data = JSON.parse(raw);
      if (before && before.id !== data.id) { unfold(); unfolded.clear(); }
      if (Object.keys(data.labels).length) fold();
      const names = (some) => some.parties.map(({ name }) => name).join("\n");
      const same = before && before.id === data.id && names(before) === names(data); // only labels are new
      choose(same ? chosen : "0"); // Gradio puts a new list of parties into the old one, where another may be chosen
      close();
      if (same && cell) {
        open(cell); // Gradio took its card away with the old labels
        const field = one(".sl-card [data-note]");
        if (field && typed) { field.value = draft = typed; field.focus(); }
      }
    }
    if (table) table.dataset.ready = "1";
    const box = one('[data-do="blind"]');
    if (box) box.checked = blind();
    show();
  }).observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-at"] });

  // An article was kept for comparison: the box is open for the next one.
  window.sidelightNext = () => {
    editing = true;
    unfold();
    one("#sl-input textarea")?.focus({ preventScroll: true });
    one("#sl-compared")?.scrollIntoView({ block: "start" }); // what is asked for now
  };
  window.sidelightAt = at;
  window.sidelightSave = save;
})();
