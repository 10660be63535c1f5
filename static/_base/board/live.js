// The stream says which card changed, and brings it as this person may see it; what it does not bring is asked of the server.
// Without a stream the board asks every half minute.
import { $, board, cancel, live, notices, on, words } from "./page.js";
import { flush, readBoard, reads, waiting } from "./reading.js";

export const NO_ACCESS = [401, 403, 404, 410];
const POLL_EVERY = 30_000; // milliseconds
let attached = null;
let stream = null;
let since = 0;
let failures = 0;
let timer = 0;
let updated = new Date();

function showState(name) {
  const badge = $("#board-state");
  if (!badge) return;
  badge.dataset.state = name;
  badge.textContent = badge.dataset[name].replace("{time}", updated.toTimeString().slice(0, 5));
}

// Follow the board that is on the page now.
export function attach() {
  const root = board();
  if (root === attached) return;
  const other = root?.dataset.stream !== attached?.dataset.stream;
  attached = root;
  since = Number(root?.dataset.historyNumber ?? 0);
  reads.flooded = reads.stale = reads.ended = false;
  waiting.clear();
  if (other || !stream) connect();
  else showState("live");
}

function connect() {
  clearTimeout(timer);
  disconnect();
  const address = board()?.dataset.stream;
  if (!address || !window.htmx || reads.ended) return;
  if (document.hidden) return showState("paused");
  const mine = stream = new EventSource(`${address}?since=${since}`);
  on("open", () => { failures = 0; updated = new Date(); showState("live"); }, mine);
  on("card", ({ data, lastEventId }) => receive(JSON.parse(data), Number(lastEventId) || undefined), mine);
  on("again", ({ lastEventId }) => markStale(Number(lastEventId)), mine);
  on("error", () => {
    if (failures === 0) updated = new Date();
    disconnect();
    failures += 1;
    showState("offline");
    if (failures < 3) timer = setTimeout(connect, 1000 * failures);
    else poll();
  }, mine);
  on("bye", ({ data }) => {
    const { why } = JSON.parse(data);
    disconnect();
    if (why === "rights") end();
    else if (why === "limit") poll();
    else timer = setTimeout(connect, 1000 + 2000 * Math.random());
  }, mine);
}

function disconnect() {
  stream?.close();
  stream = null;
}

// The right to see it has ended: nothing of it stays on the screen.
export function end() {
  if (reads.ended) return;
  reads.ended = true;
  disconnect();
  clearTimeout(timer);
  showState("offline");
  board()?.replaceChildren();
  waiting.clear();
  notices.append(words("board-ended"));
  live.textContent = $("p", notices.lastElementChild).textContent;
}

// No stream: ask now, and try the stream again later.
async function poll() {
  const address = board()?.dataset.since;
  if (!address || document.hidden || reads.ended) return;
  try {
    const answer = await fetch(`${address}?n=${since}`);
    if (NO_ACCESS.includes(answer.status)) return end();
    const { n, cards, again } = await answer.json();
    if (again) markStale(n);
    cards.forEach((change) => receive(change));
    since = Math.max(since, n);
    updated = new Date();
    showState("slow");
  } catch { showState("offline"); }
  failures = 2;
  timer = setTimeout(connect, POLL_EVERY);
}

function receive({ n, card, html }, at = n) {
  if (at <= since) return;
  since = at;
  updated = new Date();
  if (reads.flooded) return;
  if ("list" in board().dataset) reads.stale = true;
  else waiting.set(String(card), { n, html });
  flush();
}

function markStale(at) {
  since = at;
  reads.stale = !reads.flooded;
  flush();
}

on("click", (event) => {
  if (!event.target.closest(".column-new a, a[data-refresh]") || event.ctrlKey || event.metaKey) return;
  cancel(event);
  event.target.closest(".notice")?.remove();
  reads.flooded = false;
  if (!stream) connect();
  readBoard();
});
on("visibilitychange", connect);
on("pageshow", ({ persisted }) => { if (persisted) connect(); }, window);
on("pagehide", disconnect, window);
on("online", () => { failures = 0; connect(); }, window);
on("offline", () => { disconnect(); showState("offline"); }, window);
attach();
