// Cards are dragged with the mouse after six pixels, with a finger after a quarter of a second of rest.
import { $, CARD, all, board, calm, cancel, live, make, on } from "./page.js";
import { cardsOf, columnOf, columns, mayEnter, move, placeOf, refuse, stateOf, whyNot } from "./columns.js";

const EDGE = 40; // pixels from the edge in which the board scrolls
let drag = null;

on("pointerdown", ({ target, isPrimary, button, pointerId, pointerType, clientX: x, clientY: y }) => {
  const card = target.closest(`#board ${CARD}`);
  if (drag || !isPrimary || button || !card || !card.dataset.targets || "pending" in card.dataset) return;
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

function setPixels(element, lengths) {
  for (const [name, value] of Object.entries(lengths)) element.style.setProperty(name, `${value}px`);
}

function lift() {
  const { card, pointerId, touch } = drag;
  if (!card.isConnected) return end();
  const box = card.getBoundingClientRect();
  const ghost = drag.ghost = card.cloneNode(true);
  for (const element of [ghost, ...all("[id], [autofocus]", ghost)]) ["id", "autofocus"].forEach((name) => element.removeAttribute(name));
  ghost.classList.add("card-ghost");
  setPixels(ghost, { left: box.left, top: box.top, width: box.width });
  drag.gap = make("div", { className: "drop-gap" });
  const bar = touch && make("div", { className: "drop-bar" });
  drag.extra = [ghost, drag.gap, ...(bar ? [bar] : [])];
  for (const element of drag.extra) { element.ariaHidden = "true"; element.inert = true; }
  document.body.append(...drag.extra);
  for (const column of columns()) markColumn(column, card, bar);
  card.dataset.dragged = "";
  document.documentElement.dataset.dragging = "";
  getSelection().removeAllRanges();
  if (document.activeElement === document.body) board().focus({ preventScroll: true, focusVisible: false });
  card.setPointerCapture(pointerId);
  if (touch && !calm.matches) navigator.vibrate?.(10);
  follow();
}

// Say at each column whether the card may enter it, and why not; under a finger the columns stand in a bar, too.
function markColumn(column, card, bar) {
  const isShut = !mayEnter(card, column) && column !== columnOf(card);
  const why = isShut && whyNot(card, column);
  column.toggleAttribute("data-shut", isShut);
  if (why) {
    const line = make("p", { className: "column-why", textContent: why });
    drag.extra.push(line);
    column.append(line);
  }
  if (!bar) return;
  const spot = make("div", { textContent: $("h2", column).firstChild.textContent.trim() });
  spot.dataset.drop = stateOf(column);
  spot.toggleAttribute("data-shut", isShut);
  if (why) spot.append(make("small", { textContent: why }));
  bar.append(spot);
}

function follow() {
  if (!drag?.ghost) return;
  if (!drag.card.isConnected) return end();
  const { at: { x, y }, ghost } = drag;
  ghost.style.setProperty("translate", `${x - drag.x}px ${y - drag.y}px`);
  const speed = (at, low, high) => (at < low + EDGE ? -12 : at > high - EDGE ? 12 : 0);
  drag.moved ||= Math.hypot(x - drag.x, y - drag.y) > 8;
  if (!aim().spot && drag.moved) {
    const { left, right } = board().getBoundingClientRect();
    board().scrollBy(speed(x, Math.max(left, 0), Math.min(right, innerWidth)), 0);
    scrollBy(0, speed(y, 0, innerHeight - ($(".drop-bar")?.offsetHeight ?? 0)));
  }
  requestAnimationFrame(follow);
}

// Where the card would go now; the line is shown there.
function aim() {
  const { at: { x, y }, card, gap } = drag;
  const isInside = (element) => {
    const box = element.getBoundingClientRect();
    return x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
  };
  const spot = all(".drop-bar [data-drop]").find(isInside);
  const target = columns().find((column) => (spot ? stateOf(column) === spot.dataset.drop : isInside(column)));
  const others = target ? cardsOf(target).filter((other) => other !== card) : [];
  const middle = (box) => box.top + box.height / 2;
  const next = spot ? null : others.find((other) => middle(other.getBoundingClientRect()) > y) ?? null;
  const isOpen = target && mayEnter(card, target);
  for (const place of [...columns(), ...all("[data-drop]")]) place.toggleAttribute("data-over", isOpen && (place === target || place === spot));
  gap.hidden = !isOpen || spot || board().dataset.sorted || "folded" in target.dataset;
  if (!gap.hidden) {
    const list = $(".cards", target).getBoundingClientRect();
    const top = next ? next.getBoundingClientRect().top - 6 : (others.at(-1)?.getBoundingClientRect().bottom ?? list.top - 4) + 3;
    setPixels(gap, { left: list.left, top, width: list.width });
  }
  return { column: target, spot, next, isOpen };
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
  const { column, spot, next, isOpen } = ghost ? aim() : {};
  end();
  const { sorted } = board().dataset;
  const isSame = column === columnOf(card);
  if (isSame && sorted && ghost) refuse(sorted);
  else if (isOpen && !(isSame && (spot || next === card.nextElementSibling))) move(card, stateOf(column), sorted || spot ? "end" : placeOf(column, card, next), "drag");
  else if (column && !isOpen && !isSame) live.textContent = whyNot(card, column);
});
on("pointercancel", ({ pointerId }) => { if (pointerId === drag?.pointerId) end(); });
on("touchmove", (event) => { if (drag?.ghost) event.preventDefault(); }, document, { passive: false });
on("contextmenu", (event) => { if (drag?.touch) event.preventDefault(); });
on("keydown", (event) => { if (drag?.ghost && event.key === "Escape") { cancel(event); end(); } }, window, true);
on("blur", end, window);
