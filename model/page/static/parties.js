// The list of parties as controls: renamed, merged, split, dropped, added from the minor ones or from words of the article.
// The text box below stays what counts: each control rewrites it. It has names of its own, such as `rows` and `set`.
(() => {
  const box = () => one("#sl-parties textarea");
  const clean = (text) => text.replace(/[,:;]/g, " ").split(/\s+/).filter(Boolean).join(" ");
  let drawn = null; // the text that the controls show, and of which article
  let dragged = null;
  let pressed = false; // a button that is drawn anew while a pointer presses it would never be clicked

  function rows() {
    return box().value.split(/[;\n]/).filter((line) => line.trim()).map((line) => {
      const [name, others = ""] = line.split(/:(.*)/s);
      return { name: clean(name), others: others.split(",").map(clean).filter(Boolean) };
    });
  }

  function set(some) {
    const area = box();
    const chips = () => all("#sl-chips li");
    const at = chips().findIndex((made) => made.contains(document.activeElement));
    const inside = one("#sl-chips").contains(document.activeElement);
    const lines = some.map(({ name, others }) => (others.length ? `${name}: ${others.join(", ")}` : name));
    enter(lines.join("\n"), area); // which draws
    const near = chips()[Math.min(Math.max(at, 0), chips().length - 1)];
    if (inside) (near ? one("input", near) : area).focus();
  }

  function rename(number, name) {
    const some = rows();
    const old = some[number];
    if (!clean(name) || clean(name) === old.name) return draw();
    const others = [...new Set([old.name, ...old.others])].filter((other) => other !== clean(name));
    set(some.with(number, { name: clean(name), others })); // the article still calls it by its old name
  }

  function merge(from, into) {
    if (from === into) return;
    const some = rows();
    const { name, others } = some[from];
    const whole = { name: some[into].name, others: [...new Set([...some[into].others, name, ...others])] };
    set(some.with(into, whole).filter((_, number) => number !== from));
  }

  function split(number, other) {
    const some = rows();
    const left = { ...some[number], others: some[number].others.filter((one) => one !== other) };
    set([...some.with(number, left), { name: other, others: [] }]);
  }

  function add(name, others = []) {
    const some = rows();
    const plain = clean(name);
    if (plain && !some.some((row) => row.name.toLowerCase() === plain.toLowerCase())) set([...some, { name: plain, others }]);
  }

  function button(text, label, act) {
    const made = make("button", text, { type: "button", "aria-label": label, title: label });
    made.addEventListener("click", act);
    return made;
  }

  function chip(row, number, some) {
    const made = make("li", "", { draggable: "true" });
    const name = make("input", "", { type: "text", "aria-label": say("js_party_name", { party: row.name }), maxlength: "120" });
    name.value = row.name;
    name.addEventListener("change", () => rename(number, name.value));
    made.append(name);
    for (const other of row.others)
      made.append(button(`${other} ↗`, say("js_party_split", { other, party: row.name }), () => split(number, other)));
    if (some.length > 1) {
      const into = make("select", "", { "aria-label": say("js_party_merge", { party: row.name }) });
      into.append(make("option", say("js_party_into"), { value: "" }));
      some.forEach((other, at) => { if (at !== number) into.append(make("option", other.name, { value: String(at) })); });
      let keyed = false; // an arrow chooses at once in some browsers: whoever has no pointer confirms with Enter
      into.addEventListener("pointerdown", () => { keyed = false; });
      into.addEventListener("keydown", ({ key }) => {
        if (key === "Enter" && into.value) merge(number, Number(into.value));
        else if (key !== "Tab") keyed = true;
      });
      into.addEventListener("change", () => { if (into.value && !keyed) merge(number, Number(into.value)); });
      made.append(into);
    }
    made.append(button("✕", say("js_party_drop", { party: row.name }), () => set(rows().filter((_, at) => at !== number))));
    made.addEventListener("dragstart", () => { dragged = number; });
    made.addEventListener("dragend", () => { dragged = null; });
    made.addEventListener("dragover", (event) => { if (dragged !== null) event.preventDefault(); });
    made.addEventListener("drop", (event) => {
      if (dragged === null) return; // text that is dropped into a name
      event.preventDefault();
      merge(dragged, number);
      dragged = null;
    });
    return made;
  }

  function draw() {
    const chips = one("#sl-chips");
    if (!chips || !box() || !data || pressed) return;
    const some = rows();
    const known = new Set(some.flatMap(({ name, others }) => [name, ...others]));
    const minor = data.parties.filter(({ main, name }) => !main && !known.has(clean(name))).slice(0, 12);
    drawn = `${data.id} ${box().value}`;
    one("ul", chips).replaceChildren(...some.map(chip));
    one("p", chips).replaceChildren(...(minor.length ? [make("span", `${say("js_party_minor")} `)] : []), ...minor.map((party) =>
      button(`+ ${party.name}`, say("js_party_add", { party: party.name }), () => add(party.name, party.aliases.map(clean)))));
  }

  // Words that the reader selected in the article can become a party.
  function selected() {
    const chosen = getSelection();
    const text = clean(chosen.toString());
    const there = chosen.anchorNode?.parentElement?.closest(".sl-text");
    const offer = one("#sl-selected");
    if (!offer || !data) return;
    const fits = there && text.length > 1 && text.length <= 120;
    offer.hidden = !fits;
    if (fits) offer.replaceChildren(button(`+ ${text}`, say("js_party_add", { party: text }), () => {
      add(text);
      offer.hidden = true;
      one("#sl-editor button")?.scrollIntoView({ block: "center" });
      if (!visible(box())) one("#sl-editor button")?.click();
    }));
  }

  document.addEventListener("pointerdown", ({ target }) => { pressed = Boolean(target.closest?.("#sl-chips button")); });
  for (const end of ["pointerup", "pointercancel"])
    document.addEventListener(end, () => setTimeout(() => { // after the click
      if (pressed) { pressed = false; draw(); }
    }));
  document.addEventListener("selectionchange", selected);
  document.addEventListener("input", (event) => { if (event.target === box()) draw(); });
  let waiting = 0;
  new MutationObserver(() => { // Gradio sets the box without a change of the page: look whenever there is one
    waiting ||= requestAnimationFrame(() => {
      waiting = 0;
      if (data && box() && drawn !== `${data.id} ${box().value}`) draw();
    });
  }).observe(document, { childList: true, subtree: true });
})();
