// What the other scripts share. They are one function, in the order of `server.py`: what one defines, all know.
// Text is only ever set with textContent; nothing that was pasted becomes HTML.

const KEYS = { f: "favorable", c: "critical", n: "neutral", a: "absent" };
const STANCES = Object.values(KEYS);
const SIDES = ["favorable", "critical"];
const VOICES = ["author", "quoted"];
const LONGEST_HOLDER = 120; // characters, as in model/stance/corrections.py
const one = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
let data = null; // of the article that is shown
let raw = "";
let told = null; // the message that the reader has seen: its time, or its words
let party = "0";
let origin = null; // the cell of the table from which the reader came
let asked = false; // for an analysis, before the button for it was there
let roving = 0;
let heard = ""; // the reader's labels as the server knows them, or soon will; and the timer until it hears of new ones
let telling;
const toldOf = new Set(); // the articles whose labels the server was told
let opening = false; // whether a saved analysis is on its way
let editing = false; // whether the reader wants to see the input beside results

const say = (key, values = {}) =>
  Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, () => value), data.say[key]);
const place = () => `sidelight:${data.id}`;
const unkept = new Map(); // the reader's labels as JSON, by article, where the browser's storage is off or full
const own = () => {
  try { return JSON.parse(unkept.get(place()) ?? localStorage.getItem(place())) || {}; } catch { return {}; }
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
const enter = (text, field) => { // as if it were typed, so that Gradio takes it
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
};
const visible = (element) => element.checkVisibility();
const status = (text) => { const line = one("#sl-status"); if (line) line.textContent = text; };
