// Where keys lead.

// Where a key leads from a cell of the table: the keys of a grid.
function next(button, key, far) {
  const steps = { arrowup: [-1, 0], arrowdown: [1, 0], arrowleft: [0, -1], arrowright: [0, 1] };
  const ends = { home: 0, end: -1 };
  const row = all("[data-cell]", button.closest("tr"));
  const there = far && button.closest("tbody") ? all(".sl-cell") : row;
  if (key in ends) return there.filter(visible).at(ends[key]);
  if (!steps[key]) return null;
  const [down, right] = steps[key];
  const [paragraph, number] = button.dataset.cell.split(",").map(Number);
  const to = one(`.sl-cell[data-cell="${paragraph + down},${number + right}"]`);
  return to && visible(to) ? to : null;
}

// The table is one stop of the Tab key: this cell.
function stopAt(cell) {
  for (const other of all('[data-cell][tabindex="0"]', cell.closest("table"))) other.tabIndex = -1;
  cell.tabIndex = 0;
}

// A cell that is hidden cannot be where the Tab key stops.
function reach() {
  const stop = one('#sl-matrix [data-cell][tabindex="0"]');
  const first = all("#sl-matrix .sl-cell").find(visible);
  if (stop && !visible(stop) && first) stopAt(first);
}

// In a group the stop is what had the focus last.
document.addEventListener("focusin", ({ target }) => {
  if (target.matches?.(".sl-cell")) {
    stopAt(target);
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
