// The server's answers take the place of what was guessed: to one's own acts, and to what is read because others moved something.
import { $, CARD, board, byId, cancel, focusCard, focusIsLost, glide, listOf, live, notices, numberOf, on, sheet, words } from "./page.js";
import { actCount, pending, unsaved } from "./acts.js";
import { announce, flush, isBusy, placed, readAgain, readBoardLater, readCard, reading, reads, waiting } from "./reading.js";
import { fail, offerAgain, settle } from "./moves.js";
import { NO_ACCESS, attach, end } from "./live.js";

const RECENT = 3000; // milliseconds in which a card's place is checked again when its neighbour moves
const isPartial = (task) => task.type === "partial";

on("htmx:error", (event) => {
  const { act, quiet } = event.detail.ctx ?? {};
  if (!act && !quiet) return;
  cancel(event);
  if (act) fail(act);
  else if (quiet === "board") readBoardLater();
}, window, true);

on("htmx:before:swap", (event) => {
  const { ctx, tasks } = event.detail;
  const { act, quiet } = ctx;
  if (!board()) return;
  const { status } = ctx.response;
  if (quiet === "board" && status >= 400) {
    event.preventDefault();
    return NO_ACCESS.includes(status) ? end() : readBoardLater();
  }
  // Meanwhile a card was moved, or is in somebody's hand: what was asked for before would take that back.
  if (quiet === "board" && (reads.actsBefore !== actCount || pending.size || isBusy())) {
    event.preventDefault();
    return void (reads.stale = true);
  }
  if (quiet && [404, 410].includes(status)) {
    byId(`card-${quiet}`)?.remove();
    live.textContent = board().dataset.gone;
    if (focusIsLost()) board().focus({ preventScroll: true });
  }
  // An answer that is none of ours, or an error's whole page, must not take the board's place.
  if (quiet ? status >= 400 : act && status >= 400 && status !== 422 && !tasks.some(isPartial)) {
    event.preventDefault();
    return act && fail(act);
  }
  const partials = tasks.filter(isPartial);
  // A board that is drawn again says nothing and takes nothing away that was said.
  if (quiet === "board") for (const task of partials) task.swapSpec = { style: "none" };
  const focused = document.activeElement?.closest(CARD);
  ctx.focused = focused && [focused.id, (focused.nextElementSibling ?? focused.previousElementSibling)?.id, focused.closest(".column")?.getAttribute("aria-labelledby")];
  ctx.boxes = [];
  if (!partials.filter((task) => task.fragment.firstElementChild?.matches(CARD)).every((task) => place(task, ctx))) event.preventDefault();
});

// Decide where an answered card goes. False: the page already shows a newer one.
function place(task, { act, quiet, boxes }) {
  const card = task.fragment.firstElementChild;
  const shown = byId(card.id);
  if (quiet && shown && Number(card.dataset.historyNumber) < Number(shown.dataset.historyNumber)) return false;
  if (quiet && !shown) { // a newcomer pushes nothing away
    announce(card);
    task.swapSpec = { style: "none" };
    return true;
  }
  if (act?.way === "drag") $("[autofocus]", card)?.removeAttribute("autofocus");
  boxes.push([card.id, shown?.getBoundingClientRect()]);
  // A neighbour that has itself moved, seen or not yet, is no measure: then the card's place is asked for once more.
  const next = task.target?.matches(CARD) ? task.target.id : null;
  if (next && (pending.has(next) || waiting.has(next.slice(5)) || reading.has(next.slice(5)))) readAgain(card.id);
  if (shown && card.dataset.version !== shown.dataset.version) {
    for (const [id, spot] of placed) if (spot.next === card.id && Date.now() - spot.at < RECENT) readAgain(id);
  }
  placed.set(card.id, { next, at: Date.now() });
  // The neighbour is not on this page, or is itself only guessed to be where it is.
  const list = listOf(card.dataset.column ?? act?.to);
  if (list && !list.contains(task.target) || task.target?.matches("[data-pending]")) {
    const after = pending.get(next)?.slot?.next;
    const isNear = after?.parentNode === list && after.id !== card.id;
    Object.assign(task, { target: isNear ? after : list, swapSpec: { ...task.swapSpec, style: isNear ? "beforebegin" : "beforeend" } });
  }
  return true;
}

// The next page is on its way: nothing is unsaved, and the card waits where it was.
on("htmx:after:request", ({ detail: { ctx: { act, response } } }) => {
  if (act && ["HX-Redirect", "HX-Location", "HX-Refresh"].some((name) => response.headers.get(name))) settle(act);
});

// A notice that an answer has swept away comes back; htmx no longer knew its form.
function keepNotice(notice) {
  const form = $("form", notice);
  if (form) form.replaceWith(form.cloneNode(true));
  notices.append(notice);
  window.htmx.process(notice);
}

on("htmx:after:swap", ({ detail: { ctx } }) => {
  const { act, focused, boxes = [], response } = ctx;
  if (act) conclude(act, response.status);
  for (const { notice } of unsaved.values()) if (!notice.isConnected) keepNotice(notice);
  if (reads.flooded && !reads.told.isConnected) keepNotice(reads.told);
  for (const [id, box] of boxes) if (byId(id)) glide(byId(id), box);
  if (focused && focusIsLost()) {
    const nearest = focused.map((id) => id && byId(id)).find(Boolean);
    if (nearest?.matches(CARD)) focusCard(nearest);
    else if (nearest) { nearest.tabIndex = -1; nearest.focus({ preventScroll: true }); }
  }
  if (focusIsLost()) $("#board [autofocus]")?.focus({ preventScroll: true }); // could not take it behind the sheet
  attach();
  flush();
});

function conclude(act, status) {
  settle(act);
  if (status < 400 && act.form.closest("#sheet")) sheet.close();
  if (status >= 500 || status === 429) {
    const button = $("[type=submit]", words("board-unsaved"));
    $(".notice-body", notices)?.append(button);
    if (button.isConnected) offerAgain(act, button.closest(".notice"), button);
  }
  if (status >= 400 && ![409, 410, 422].includes(status) && act.card) readCard(numberOf(act.card));
  if (status === 409 && act.way !== "drag") {
    const notice = notices.firstElementChild;
    if (notice) { notice.tabIndex = -1; notice.focus(); }
  }
}

on("htmx:finally:request", ({ detail: { ctx } }) => {
  if (ctx.act && pending.get(ctx.act.key) === ctx.act) settle(ctx.act);
  if (ctx.quiet) {
    ctx.sourceElement.remove();
    reading.delete(ctx.quiet);
    if (ctx.quiet === "board") reads.fetching = false;
  }
  flush();
});
