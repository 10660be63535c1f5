// Keys work only inside the board, one key one act, and one switch turns them off.
import { $, CARD, all, board, live, make, menuOf, notices, on, sheet, words } from "./page.js";
import { cardsOf, columnOf, columns, mayEnter, move, placeOf, refuse, show, stateOf, whyNot } from "./columns.js";

const isOn = () => !document.cookie.includes("board_keys=off");

function moveFocus(card, by) {
  const cards = card ? cardsOf(columnOf(card)) : all(CARD, board());
  show(card ? cards[cards.indexOf(card) + by] : cards[0]);
}

function moveFocusAside(card, by) {
  if (!card) return moveFocus();
  const index = cardsOf(columnOf(card)).indexOf(card);
  const filled = columns().filter((column) => column === columnOf(card) || $(CARD, column));
  const cards = cardsOf(filled[filled.indexOf(columnOf(card)) + by] ?? make("p"));
  show(cards[index] ?? cards.at(-1));
}

function moveToColumn(card, by) {
  const column = card && columns()[columns().indexOf(columnOf(card)) + by];
  if (!column) return;
  if (mayEnter(card, column)) move(card, stateOf(column), "end", "keys");
  else refuse(whyNot(card, column));
}

function moveInColumn(card, by) {
  const column = card && columnOf(card);
  const { sorted } = board().dataset;
  if (card && sorted) return refuse(sorted);
  const next = by < 0 ? card?.previousElementSibling : card?.nextElementSibling;
  if (!next || !mayEnter(card, column)) return;
  move(card, stateOf(column), placeOf(column, card, by < 0 ? next : next.nextElementSibling), "keys");
}

function showHelp() {
  sheet.replaceChildren(words("board-help"));
  sheet.setAttribute("aria-labelledby", $("h2", sheet).id);
  $("[data-keys]", sheet).checked = isOn();
  sheet.showModal();
}

// What a glance over the board tells, for those who listen.
function sayCounts() {
  live.textContent = columns().map((column) => $("h2", column).textContent.replace(/\s+/g, " ").trim()).join(", ");
}

function openSearch() {
  const field = $(".board-filters [name=q]");
  if (field) field.closest("details").open = true;
  field?.focus();
}

const KEYS = {
  j: (card) => moveFocus(card, 1), k: (card) => moveFocus(card, -1), h: (card) => moveFocusAside(card, -1), l: (card) => moveFocusAside(card, 1),
  "[": (card) => moveToColumn(card, -1), "]": (card) => moveToColumn(card, 1), J: (card) => moveInColumn(card, 1), K: (card) => moveInColumn(card, -1),
  m: (card) => card && menuOf(card)?.click(), u: () => $("form[action$='/undo']", notices)?.requestSubmit(),
  s: sayCounts, "/": openSearch, "?": () => setTimeout(showHelp), // after the sheet that was just closed has been emptied
};

on("keydown", (event) => {
  const { target, key } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !KEYS[key] || !isOn()) return;
  if (!target.closest("#board") || target.matches("input, textarea, select")) return;
  event.preventDefault();
  KEYS[key](target.closest(CARD));
});
on("click", ({ target }) => { if (target.closest("[data-board-help]")) showHelp(); });
on("change", ({ target }) => {
  if (target.matches("[data-keys]")) document.cookie = `board_keys=${target.checked ? "on" : "off"};path=/;max-age=31536000;samesite=lax`;
});
