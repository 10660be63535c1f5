// Hands on the board: drag with mouse and finger, and keys. What they decide goes to board.js as the event "board:move"; with
// this file missing, the card's button and its Move… sheet do the same.
const $ = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const on = (event, act, target = document, options) => target.addEventListener(event, act, options);
const byId = (id) => document.getElementById(id);
const make = (tag, values = {}) => Object.assign(document.createElement(tag), values);
const stop = (event) => { event.preventDefault(); event.stopImmediatePropagation(); };
const board = () => byId("board");
const [live, notices, sheet] = ["live", "notices", "sheet"].map(byId);
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const CARD = ".card[id^=card-]";
const numberOf = (card) => card.id.slice(5);
const columns = () => all("#board .column");
const stateOf = (column) => column.dataset.column;
const columnOf = (card) => card.closest(".column");
const cardsOf = (column) => all(CARD, column);
// Before that other card; behind the last one shown where more follow; else at the end.
function placeOf(column, card, next) {
  const last = cardsOf(column).filter((other) => other !== card).at(-1);
  if (next) return numberOf(next);
  return last && $(".more", column) ? `after-${numberOf(last)}` : "end";
}
const menuOf = (card) => $("a[id^=mv-]", card);
const isPending = (card) => "pending" in card.dataset;
const may = (card, column) => card.dataset.targets.split(" ").includes(stateOf(column));
const whyOf = (card, column) => {
  const at = (element, name) => element.getAttribute(`data-why${name}`);
  return at(card, `-${stateOf(column)}`) ?? at(column, `-${card.dataset.column ?? stateOf(columnOf(card))}`) ?? at(column, "") ?? "";
};
const words = (id) => byId(id).content.cloneNode(true);
const move = (card, to, before, way) => document.dispatchEvent(new CustomEvent("board:move", { detail: { card, to, before, way } }));

// ---- Drag: with the mouse after six pixels, with a finger after a quarter of a second of rest.

let drag = null;

on("pointerdown", ({ target, isPrimary, button, pointerId, pointerType, clientX: x, clientY: y }) => {
  const card = target.closest(`#board ${CARD}`);
  if (drag || !isPrimary || button || !card || !card.dataset.targets || isPending(card)) return;
  if (target.closest("a, button, input, select, textarea, label, summary")) return;
  drag = { card, pointerId, x, y, at: { x, y }, touch: pointerType !== "mouse" };
  if (drag.touch) drag.press = setTimeout(lift, 250);
});

on("pointermove", ({ pointerId, clientX: x, clientY: y }) => {
  if (pointerId !== drag?.pointerId) return;
  drag.at = { x, y };
  const far = Math.hypot(x - drag.x, y - drag.y);
  if (drag.ghost || far <= (drag.touch ? 8 : 6)) return;
  if (drag.touch) end();
  else lift();
});

function lift() {
  const { card, pointerId, touch } = drag;
  if (!card.isConnected) return end();
  const box = card.getBoundingClientRect();
  const ghost = drag.ghost = card.cloneNode(true);
  for (const element of [ghost, ...all("[id], [autofocus]", ghost)]) ["id", "autofocus"].forEach((name) => element.removeAttribute(name));
  ghost.classList.add("card-ghost");
  drag.gap = make("div", { className: "drop-gap" });
  drag.extra = [ghost, drag.gap];
  for (const [name, value] of Object.entries({ left: box.left, top: box.top, width: box.width })) ghost.style.setProperty(name, `${value}px`);
  const bar = touch && make("div", { className: "drop-bar" });
  for (const column of columns()) {
    const shut = !may(card, column) && column !== columnOf(card);
    const why = shut && whyOf(card, column);
    column.toggleAttribute("data-shut", shut);
    if (why) column.append(drag.extra[drag.extra.push(make("p", { className: "column-why", textContent: why })) - 1]);
    if (!bar) continue;
    const spot = make("div", { textContent: $("h2", column).firstChild.textContent.trim() });
    spot.dataset.drop = stateOf(column);
    spot.toggleAttribute("data-shut", shut);
    if (why) spot.append(make("small", { textContent: why }));
    bar.append(spot);
  }
  if (bar) drag.extra.push(bar);
  for (const element of [ghost, drag.gap, bar]) if (element) { element.ariaHidden = "true"; element.inert = true; document.body.append(element); }
  card.dataset.dragged = "";
  document.documentElement.dataset.dragging = "";
  getSelection().removeAllRanges();
  if (document.activeElement === document.body) board().focus({ preventScroll: true, focusVisible: false });
  card.setPointerCapture(pointerId);
  if (touch && !calm.matches) navigator.vibrate?.(10);
  follow();
}

function follow() {
  if (!drag?.ghost) return;
  if (!drag.card.isConnected) return end();
  const { at: { x, y }, ghost } = drag;
  ghost.style.setProperty("translate", `${x - drag.x}px ${y - drag.y}px`);
  const edge = (at, low, high) => (at < low + 40 ? -12 : at > high - 40 ? 12 : 0);
  drag.moved ||= Math.hypot(x - drag.x, y - drag.y) > 8;
  if (!aim().spot && drag.moved) {
    const { left, right } = board().getBoundingClientRect();
    board().scrollBy(edge(x, Math.max(left, 0), Math.min(right, innerWidth)), 0);
    scrollBy(0, edge(y, 0, innerHeight - ($(".drop-bar")?.offsetHeight ?? 0)));
  }
  requestAnimationFrame(follow);
}

// Where the card would go now; the line is shown there.
function aim() {
  const { at: { x, y }, card, gap } = drag;
  const inside = (element) => {
    const box = element.getBoundingClientRect();
    return x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
  };
  const spot = all(".drop-bar [data-drop]").find(inside);
  const column = columns().find((one) => (spot ? stateOf(one) === spot.dataset.drop : inside(one)));
  const others = column ? cardsOf(column).filter((other) => other !== card) : [];
  const middle = (box) => box.top + box.height / 2;
  const next = spot ? null : others.find((other) => middle(other.getBoundingClientRect()) > y) ?? null;
  const open = column && may(card, column);
  for (const one of [...columns(), ...all("[data-drop]")]) one.toggleAttribute("data-over", open && (one === column || one === spot));
  gap.hidden = !open || spot || board().dataset.sorted || "folded" in column.dataset;
  if (!gap.hidden) {
    const list = $(".cards", column).getBoundingClientRect();
    const top = next ? next.getBoundingClientRect().top - 6 : (others.at(-1)?.getBoundingClientRect().bottom ?? list.top - 4) + 3;
    for (const [name, value] of Object.entries({ left: list.left, top, width: list.width })) gap.style.setProperty(name, `${value}px`);
  }
  return { column, spot, next, open };
}

function end() {
  if (!drag) return;
  clearTimeout(drag.press);
  drag.extra?.forEach((element) => element.remove());
  delete drag.card.dataset.dragged;
  delete document.documentElement.dataset.dragging;
  for (const column of columns()) ["data-shut", "data-over"].forEach((name) => column.removeAttribute(name));
  drag = null;
  document.dispatchEvent(new Event("board:free"));
}

on("pointerup", ({ pointerId, clientX: x, clientY: y }) => {
  if (pointerId !== drag?.pointerId) return;
  const { card, ghost } = drag;
  drag.at = { x, y };
  const { column, spot, next, open } = ghost ? aim() : {};
  end();
  const { sorted } = board().dataset;
  const here = column === columnOf(card);
  if (here && sorted && ghost) refuse(sorted);
  else if (open && !(here && (spot || next === card.nextElementSibling))) move(card, stateOf(column), sorted || spot ? "end" : placeOf(column, card, next), "drag");
  else if (column && !open && !here) live.textContent = whyOf(card, column);
});
on("pointercancel", ({ pointerId }) => { if (pointerId === drag?.pointerId) end(); });
on("touchmove", (event) => { if (drag?.ghost) event.preventDefault(); }, document, { passive: false });
on("contextmenu", (event) => { if (drag?.touch) event.preventDefault(); });
on("keydown", (event) => { if (drag?.ghost && event.key === "Escape") { stop(event); end(); } }, window, true);
on("blur", end, window);

// ---- Keys: only inside the board, one key one act, and one switch turns them off.

const keysOn = () => !document.cookie.includes("board_keys=off");

function refuse(why) {
  const content = words("board-refused");
  $("p", content).textContent = live.textContent = why;
  notices.replaceChildren(content);
}
function step(card, by) {
  const cards = card ? cardsOf(columnOf(card)) : all(CARD, board());
  show(card ? cards[cards.indexOf(card) + by] : cards[0]);
}
function aside(card, by) {
  if (!card) return step();
  const place = cardsOf(columnOf(card)).indexOf(card);
  const filled = columns().filter((column) => column === columnOf(card) || $(CARD, column));
  const cards = cardsOf(filled[filled.indexOf(columnOf(card)) + by] ?? make("p"));
  show(cards[place] ?? cards.at(-1));
}
function show(card) {
  if (!card) return;
  (menuOf(card) ?? $("a", card))?.focus({ preventScroll: true });
  card.scrollIntoView({ block: "nearest", inline: "nearest" });
}
function shift(card, by) {
  const column = card && columns()[columns().indexOf(columnOf(card)) + by];
  if (!column) return;
  if (may(card, column)) move(card, stateOf(column), "end", "keys");
  else refuse(whyOf(card, column));
}
function order(card, by) {
  const column = card && columnOf(card);
  const { sorted } = board().dataset;
  if (card && sorted) return refuse(sorted);
  const next = by < 0 ? card?.previousElementSibling : card?.nextElementSibling;
  if (!next || !may(card, column)) return;
  const before = by < 0 ? next : next.nextElementSibling;
  move(card, stateOf(column), placeOf(column, card, before), "keys");
}
function help() {
  sheet.replaceChildren(words("board-help"));
  sheet.setAttribute("aria-labelledby", $("h2", sheet).id);
  $("[data-keys]", sheet).checked = keysOn();
  sheet.showModal();
}
// What a glance over the board tells, for those who listen.
function sum() {
  live.textContent = columns().map((column) => $("h2", column).textContent.replace(/\s+/g, " ").trim()).join(", ");
}
function search() {
  const field = $(".board-filters [name=q]");
  if (field) field.closest("details").open = true;
  field?.focus();
}
const KEYS = {
  j: (card) => step(card, 1), k: (card) => step(card, -1), h: (card) => aside(card, -1), l: (card) => aside(card, 1),
  "[": (card) => shift(card, -1), "]": (card) => shift(card, 1), J: (card) => order(card, 1), K: (card) => order(card, -1),
  m: (card) => card && menuOf(card)?.click(), u: () => $("form[action$='/undo']", notices)?.requestSubmit(),
  s: sum, "/": search, "?": () => setTimeout(help), // after the sheet that was just closed has been emptied
};
on("keydown", (event) => {
  const { target, key } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !KEYS[key] || !keysOn()) return;
  if (!target.closest("#board") || target.matches("input, textarea, select")) return;
  event.preventDefault();
  KEYS[key](target.closest(CARD));
});
on("click", ({ target }) => { if (target.closest("[data-board-help]")) help(); });
on("change", ({ target }) => {
  if (target.matches("[data-keys]")) document.cookie = `board_keys=${target.checked ? "on" : "off"};path=/;max-age=31536000;samesite=lax`;
});
