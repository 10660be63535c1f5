// Cards in their columns: where a card may go, why not, and the event that moves it.
import { $, CARD, all, focusCard, live, notices, numberOf, words } from "./page.js";

export const columns = () => all("#board .column");
export const stateOf = (column) => column.dataset.column;
export const columnOf = (card) => card.closest(".column");
export const cardsOf = (column) => all(CARD, column);
export const mayEnter = (card, column) => card.dataset.targets.split(" ").includes(stateOf(column));

// Before that other card; behind the last one shown where more follow; else at the end.
export function placeOf(column, card, next) {
  const last = cardsOf(column).filter((other) => other !== card).at(-1);
  if (next) return numberOf(next);
  return last && $(".more", column) ? `after-${numberOf(last)}` : "end";
}

export function whyNot(card, column) {
  const at = (element, name) => element.getAttribute(`data-why${name}`);
  return at(card, `-${stateOf(column)}`) ?? at(column, `-${card.dataset.column ?? stateOf(columnOf(card))}`) ?? at(column, "") ?? "";
}

export function move(card, to, before, way) {
  document.dispatchEvent(new CustomEvent("board:move", { detail: { card, to, before, way } }));
}

export function show(card) {
  if (!card) return;
  focusCard(card);
  card.scrollIntoView({ block: "nearest", inline: "nearest" });
}

export function refuse(why) {
  const content = words("board-refused");
  $("p", content).textContent = live.textContent = why;
  notices.replaceChildren(content);
}
