// What is saved to a file, and labels that are loaded from one.

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
    text: data.text,
    paragraphs: data.paragraphs,
    parties: Object.values(parties),
    labels: rows(labels),
  }) + "\n";
}

const plain = (paragraphs) => paragraphs.map((text) => words(String(text))).join("\n");

// Of another article the whole text comes into the box: its paragraphs alone may be split otherwise.
async function load(file) {
  try {
    const row = JSON.parse((await file.text()).split("\n").find((line) => line.trim()));
    if (!Array.isArray(row.paragraphs) || !Array.isArray(row.labels)) throw new Error(say("js_bad_shape"));
    if (plain(row.paragraphs) !== plain(data.paragraphs)) {
      const box = one("#sl-input textarea");
      enter(row.text ?? [row.title, ...row.paragraphs].filter(Boolean).join("\n\n"), box);
      editing = true; // the box and its button are to be seen
      unfold();
      box.focus();
      status(say("js_other"));
      return;
    }
    const parties = Object.fromEntries((row.parties || []).map(({ name, kind, aliases }) =>
      [String(name), { name: String(name), kind: String(kind || ""), aliases: (aliases || []).map(String) }]));
    const labels = own();
    let count = 0;
    for (const { paragraph, party: name, stance, voice, holder, note } of row.labels) {
      if (!Number.isInteger(paragraph) || !data.paragraphs[paragraph] || !parties[name]
        || !STANCES.includes(stance)) throw new Error(`¶${paragraph + 1} ${name} ${stance}`);
      const more = { ...(VOICES.includes(voice) ? { voice } : {}), ...(note ? { note: String(note) } : {}),
        ...(typeof holder === "string" && voice === "quoted" ? { holder: holder.slice(0, LONGEST_HOLDER) } : {}) };
      labels[`${paragraph}|${name}`] = { stance, party: parties[name], ...more };
      count += 1;
    }
    keep(labels);
    status(`${say("js_loaded", { count })}. ${one("#sl-status").textContent}`);
  } catch (error) {
    status(say("js_bad", { reason: error.message }));
  }
}
