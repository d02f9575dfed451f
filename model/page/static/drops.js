// Files that are dropped.

// Why files are refused; "" where they are not.
function refusal(files, { most, message, together, heavy, files: number, many }, language) {
  const say = (text, limit, values) => Object.entries({ most: limit, ...values }).reduce(
    (said, [name, value]) => said.replace(`{${name}}`, () => value), text);
  const size = (bytes) => ({ size: (bytes / 1e6).toLocaleString(language, { maximumFractionDigits: 1 }) });
  const large = files.find((file) => file.size > Number(most));
  if (large) return say(message, most / 1e6, { ...size(large.size), name: large.name });
  if (files.length > Number(number)) return say(many, number, { count: files.length });
  const all = files.reduce((sum, file) => sum + file.size, 0);
  return all > Number(together) ? say(heavy, together / 1e6, size(all)) : "";
}

// Files that are too large are refused here: Gradio would refuse them too, and then ask for the progress of the upload.
// Says whether it refused the event.
function refuse(event, files) {
  const alert = one("#sl-refused");
  if (!alert) return false; // the page is not all there yet, and the file's place may come before this one
  const language = alert.parentElement.lang;
  const told = refusal(files, alert.dataset, language);
  alert.textContent = told;
  if (!told) return false;
  const rest = new DataTransfer(); // the files beside one that is too large
  for (const file of files) if (file.size <= Number(alert.dataset.most)) rest.items.add(file);
  const goesOn = rest.files.length && rest.files.length < files.length && !refusal([...rest.files], alert.dataset, language);
  if (goesOn && event.type === "change") {
    event.target.files = rest.files;
    return false;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  if (event.type === "change") event.target.value = "";
  else event.target.dispatchEvent(new DragEvent("dragleave", { bubbles: true }));
  if (!goesOn) return true;
  event.target.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: rest }));
  alert.textContent = told;
  return true;
}
for (const [type, files] of [["change", (event) => event.target.files], ["drop", (event) => event.dataTransfer.files]])
  document.addEventListener(type, (event) => {
    if (!event.target.closest?.("#sl-file") || refuse(event, [...files(event) || []])) return;
    const some = [...files(event) || []]; // one that is too large is gone
    opening = some.length === 1 && /\.json$/i.test(some[0].name);
    editing = some.length === 1 && !opening; // its text comes into the box
  }, { capture: true });
