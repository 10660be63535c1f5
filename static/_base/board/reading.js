// Cards and boards that are read again, because something changed elsewhere: never while a person is busy with the board.
import { $, board, byId, listOf, make, notices, on, sheet, words } from "./page.js";
import { actCount, pending } from "./acts.js";

export const waiting = new Map(); // card → the newest change not looked at yet
export const reading = new Set(); // cards that are being read
export const placed = new Map(); // card → before which other one an answer has put it, and when
export const reads = {
  stale: false, // something was missed: the whole board is to be read again
  fetching: false, // it is being read
  actsBefore: 0, // how many acts there were when the board was asked for
  flooded: false, // more changes than anyone can follow: the person says when to read them
  told: null, // the notice that says so
  ended: false, // the right to see it
};
const PAUSE = 1000; // milliseconds, at most
const FLOOD = { cards: 10, milliseconds: 2000 };
let recent = [];

export const isBusy = () =>
  !board() || "dragging" in document.documentElement.dataset || sheet.open || document.activeElement?.matches("#main :is(input, textarea, select)");

// What is on the page was drawn at a number: an echo of one's own move is in it already and is not read again.
const isShown = (card, { n }) => n <= Number(byId(`card-${card}`)?.dataset.historyNumber ?? 0);

export function flush() {
  if (reads.fetching || reads.ended || isBusy()) return;
  if (reads.stale && !pending.size) return readBoard();
  for (const [card, change] of waiting) {
    if (reading.has(card)) continue; // half of the answer before may be on the page: the card is taken away, and not put yet
    if (pending.has(`card-${card}`) || change.again && pending.has(placed.get(`card-${card}`)?.next)) continue;
    waiting.delete(card);
    if (change.again) readCard(card);
    if (change.again || isShown(card, change)) continue;
    const now = Date.now();
    recent = [...recent.filter((time) => time > now - FLOOD.milliseconds), now];
    if (recent.length > FLOOD.cards) return flood();
    if (change.html && fits(change.html)) takeCard(card, change.html);
    else if (change.html === undefined) readCard(card);
    else readLater(card, change.n);
  }
}

// A message that carries the card carries it for a board that nobody has filtered, sorted or paged, and that shows its column.
const fits = (html) => "plain" in board().dataset && [...html.matchAll(/#list-(\w+)/g)].every(([, column]) => listOf(column));

// The page missed the message that carried it: it asks by itself, but not at the very moment at which all others do.
function readLater(card, n) {
  reading.add(card);
  setTimeout(() => {
    reading.delete(card);
    if (!waiting.has(card)) waiting.set(card, { n });
    flush();
  }, PAUSE * Math.random());
}

export function readAgain(id) {
  const card = id.slice(5);
  if (!reads.flooded && !waiting.has(card)) waiting.set(card, { again: true });
}

function get(address, context) {
  const source = make("span", { hidden: true });
  document.body.append(source);
  window.htmx.ajax("GET", address, { source, ...context });
}

export function readCard(card, more) {
  reading.add(card);
  get(board().dataset.card.replace("0", card), { swap: "none", quiet: card, ...more });
}

// The card came with the message: it goes the way of an answer, without a question.
function takeCard(card, html) {
  readCard(card, { fetch: async () => new Response(html, { headers: { "Content-Type": "text/html; charset=utf-8" } }) });
}

// The whole board as it is now, drawn over the one that is shown.
export function readBoard() {
  if (reads.fetching) return void (reads.stale = true);
  Object.assign(reads, { stale: false, fetching: true, actsBefore: actCount });
  waiting.clear();
  get(location.pathname + location.search, { target: "#board", select: "#board", swap: "outerMorph", quiet: "board" });
}

// It could not be read: not at once again, for then everybody would ask a server that is in trouble.
export function readBoardLater() {
  setTimeout(() => { reads.stale = true; flush(); }, 5000 + 5000 * Math.random());
}

// Cards that came from elsewhere wait behind a line at the head of their column.
export function announce(card) {
  const line = $(".column-new", listOf(card.dataset.column)?.parentNode ?? make("p"));
  if (!line) return;
  const link = line.firstElementChild;
  const ids = new Set(link.dataset.cards?.split(" ")).add(card.id);
  link.dataset.cards = [...ids].join(" ");
  link.href = link.dataset.href;
  link.textContent = link.dataset.words.replace("{n}", ids.size);
  line.hidden = false;
}

function flood() {
  reads.flooded = true;
  waiting.clear();
  reads.told = words("board-changed").firstElementChild;
  notices.append(reads.told);
  window.htmx?.process(notices);
}

on("board:free", flush);
on("close", () => setTimeout(flush), sheet);
on("focusout", () => setTimeout(flush));
