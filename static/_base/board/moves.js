// A move is one form, one post, one answer. Its result is guessed at once and taken back if the answer says otherwise; what did
// not get through is offered again.
import { $, board, byId, cancel, glide, insert, listOf, live, make, menuOf, notices, numberOf, on, words } from "./page.js";
import { countAct, pending, unsaved } from "./acts.js";
import { move } from "./columns.js";
import { readCard } from "./reading.js";

const TIMEOUT = 10_000; // milliseconds
const ways = new WeakMap(); // form → "drag", "keys" or "button"
const addressOf = (card) => menuOf(card)?.pathname ?? $("[formaction]", card)?.getAttribute("formaction") ?? $("form", card)?.getAttribute("action");

function formFor(action, fields) {
  const form = make("form", { method: "post", action });
  form.setAttribute("hx-post", action);
  form.setAttribute("hx-status:422", "target:#sheet");
  form.append(...fields.map(([name, value]) => make("input", { type: "hidden", name, value })));
  return form;
}

on("board:move", ({ detail: { card, to, before, way } }) => {
  const address = addressOf(card);
  if (!address || pending.has(card.id)) return;
  const form = formFor(address, Object.entries({
    to, before, move_version: card.dataset.version, view: "card",
    operation_id: crypto.randomUUID(), csrf_token: $("[name=csrf_token]").value,
  }));
  form.hidden = true;
  ways.set(form, way);
  document.body.append(form);
  window.htmx?.process(form);
  form.requestSubmit();
});

// All cards share one form; scripted, each step is a move of its own, so that two cards can be on their way at once.
on("submit", (event) => {
  const { submitter, target } = event;
  if (target.id !== "board-step") return;
  cancel(event);
  const [to] = submitter.value.split(".");
  move(submitter.closest("[id^=card-]"), to, "end", "button");
}, window, true);

function keyOf(form) {
  const number = /\/(\d+)\/move$/.exec(form.getAttribute("action"))?.[1];
  return number ? `card-${number}` : form.getAttribute("action");
}

// One act a card; and the second click of a double click must not press what has slid under the pointer.
on("submit", (event) => { if (board() && pending.has(keyOf(event.target))) cancel(event); }, window, true);
on("click", (event) => { if (event.detail > 1 && event.target.closest("#board [type=submit]")) cancel(event); }, window, true);

on("htmx:config:request", ({ detail: { ctx } }) => {
  const { form, body } = ctx.request;
  if (!board() || !form || !body || !(ways.has(form) || form.closest("#board, #notices, #sheet"))) return;
  ctx.request.timeout = TIMEOUT;
  const fields = [...body];
  ctx.act = { form, fields, key: keyOf(form), way: ways.get(form), ...Object.fromEntries(fields) };
});

on("htmx:before:request", ({ detail: { ctx: { act } } }) => {
  if (!act) return;
  const { key, form } = act;
  const notice = unsaved.get(key)?.notice;
  if (notice && !notice.contains(form)) notice.remove();
  unsaved.delete(key);
  pending.set(key, act);
  countAct();
  const card = act.card = byId(key);
  if (card) guess(act, card);
});

// Show the card where the answer will most likely put it.
function guess(act, card) {
  card.dataset.pending = "";
  card.ariaBusy = "true";
  act.timer = setTimeout(() => { card.dataset.busy = $("#board-state").dataset.saving; }, 150);
  const list = listOf(act.to);
  const needsForm = card.dataset.needsForm?.split(" ").includes(act.to);
  if (!list || needsForm) return;
  act.slot = { list: card.parentNode, next: card.nextElementSibling };
  const neighbour = byId(`card-${act.before.replace("after-", "")}`);
  const next = act.before === "top" ? list.firstElementChild : act.before.startsWith("after-") ? neighbour?.nextElementSibling : neighbour;
  glide(card, act.way === "drag" ? null : card.getBoundingClientRect(), () => insert(list, card, next));
}

// What the answer did not replace goes back to where it was.
export function settle(act) {
  const { key, card, slot, timer, form } = act;
  clearTimeout(timer);
  countAct();
  if (pending.get(key) === act) pending.delete(key);
  if (form.hidden) form.remove();
  if (!card?.isConnected) return;
  delete card.dataset.pending;
  delete card.dataset.busy;
  card.ariaBusy = null;
  if (slot) glide(card, card.getBoundingClientRect(), () => insert(slot.list, card, slot.next));
}

// The same operation id goes again: however often it is sent, the move is made once.
export function offerAgain(act, notice, button) {
  const form = formFor(act.action ?? act.form.getAttribute("action"), act.fields);
  button.replaceWith(form);
  form.append(button);
  window.htmx.process(form);
  keepUnsaved(act, notice);
}

function keepUnsaved(act, notice) {
  act.notice = notice;
  notice.dataset.unsaved = act.key;
  unsaved.set(act.key, act);
}

export function fail(act) {
  settle(act);
  const notice = act.form.closest("[data-unsaved]");
  const content = words("board-unsaved");
  live.textContent = $("p", content).textContent;
  if (notice?.isConnected) keepUnsaved(act, notice);
  else {
    notices.append(content);
    offerAgain(act, notices.lastElementChild, $("[type=submit]", notices.lastElementChild));
  }
  if (act.card && navigator.onLine) readCard(numberOf(act.card));
}

on("click", ({ target }) => {
  const notice = target.closest("[data-dismiss]") && target.closest("[data-unsaved]");
  if (notice) unsaved.delete(notice.dataset.unsaved);
}, window, true);
on("beforeunload", (event) => { if (pending.size + unsaved.size) event.preventDefault(); }, window);
