// What every part of the board's script uses: the page's fixed places, cards, and focus.
export const $ = (selector, root = document) => root.querySelector(selector);
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];
export const on = (event, act, target = document, options) => target.addEventListener(event, act, options);
export const byId = (id) => document.getElementById(id);
export const make = (tag, values = {}) => Object.assign(document.createElement(tag), values);
export const words = (id) => byId(id).content.cloneNode(true);
export const cancel = (event) => { event.preventDefault(); event.stopImmediatePropagation(); };

export const board = () => byId("board");
export const [live, notices, sheet] = ["live", "notices", "sheet"].map(byId);
export const calm = matchMedia("(prefers-reduced-motion: reduce)");

export const CARD = ".card[id^=card-]";
export const numberOf = (card) => card.id.slice(5);
export const menuOf = (card) => $("a[id^=mv-]", card);
export const listOf = (column) => byId(`list-${column}`);

export const focusIsLost = () => document.activeElement === document.body || !document.activeElement.checkVisibility();
export const focusCard = (card) => (menuOf(card) ?? $("a", card))?.focus({ preventScroll: true });

// Put a card before another one of the list, or at its end; the focus stays in it.
export function insert(list, card, next) {
  const focused = card.contains(document.activeElement) && document.activeElement;
  list.insertBefore(card, next !== card && next?.parentNode === list ? next : null);
  if (focused) focused.focus({ preventScroll: true });
}

// Show a change as a way from the old box to the new one.
export function glide(card, from, change) {
  change?.();
  const to = card.getBoundingClientRect();
  const [x, y] = from ? [from.x - to.x, from.y - to.y] : [0, 0];
  if (!x && !y || calm.matches) return;
  const pointerEvents = "none"; // on its way it lies over others
  card.animate([{ translate: `${x}px ${y}px`, pointerEvents }, { translate: "0 0", pointerEvents }], { duration: 200, easing: "ease-out" });
}
