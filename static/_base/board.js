// The board's comforts over forms that work without this file: guesses, retries, live changes. Every way to move a card
// ends in the same form post as the button on the card, and the server's answer replaces what was guessed.
const $ = (selector, root = document) => root.querySelector(selector);
const on = (event, act, target = document, options) => target.addEventListener(event, act, options);
const byId = (id) => document.getElementById(id);
const board = () => byId("board");
const [live, notices, sheet] = ["live", "notices", "sheet"].map(byId);
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const CARD = ".card[id^=card-]";
const numberOf = (card) => card.id.slice(5);
const menuOf = (card) => $("a[id^=mv-]", card);
const addressOf = (card) => menuOf(card)?.pathname ?? $("form", card)?.getAttribute("action");
const words = (id) => byId(id).content.cloneNode(true);
const stop = (event) => { event.preventDefault(); event.stopImmediatePropagation(); };
const lost = () => document.activeElement === document.body || !document.activeElement.checkVisibility();
const point = (card) => (menuOf(card) ?? $("a", card))?.focus({ preventScroll: true });

function make(tag, values = {}) {
  return Object.assign(document.createElement(tag), values);
}

// ---- Moves: one form, one post, one answer.

const pending = new Map(); // card or address → the act that is on its way
const unsaved = new Map(); // card or address → the act that did not get through
const ways = new WeakMap();

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

function keyOf(form) {
  const number = /\/(\d+)\/move$/.exec(form.getAttribute("action"))?.[1];
  return number ? `card-${number}` : form.getAttribute("action");
}

// One act a card; and the second click of a double click must not press what has slid under the pointer.
on("submit", (event) => { if (board() && pending.has(keyOf(event.target))) stop(event); }, window, true);
on("click", (event) => { if (event.detail > 1 && event.target.closest("#board [type=submit]")) stop(event); }, window, true);

on("htmx:config:request", ({ detail: { ctx } }) => {
  const { form, body } = ctx.request;
  if (!board() || !form || !body || !(ways.has(form) || form.closest("#board, #notices, #sheet"))) return;
  ctx.request.timeout = 10_000;
  const fields = [...body];
  ctx.act = { form, fields, key: keyOf(form), way: ways.get(form), ...Object.fromEntries(fields) };
});

on("htmx:before:request", ({ detail: { ctx: { act } } }) => {
  if (!act) return;
  const { key, form } = act;
  const old = unsaved.get(key)?.notice;
  if (old && !old.contains(form)) old.remove();
  unsaved.delete(key);
  pending.set(key, act);
  acts += 1;
  const card = act.card = byId(key);
  if (!card) return;
  card.dataset.pending = "";
  card.ariaBusy = "true";
  act.timer = setTimeout(() => { card.dataset.busy = $("#board-state").dataset.saving; }, 150);
  const list = byId(`list-${act.to}`);
  const asks = card.dataset.needsForm?.split(" ").includes(act.to);
  if (!list || asks) return;
  act.slot = { list: card.parentNode, next: card.nextElementSibling };
  const beside = byId(`card-${act.before.replace("after-", "")}`);
  const next = act.before === "top" ? list.firstElementChild : act.before.startsWith("after-") ? beside?.nextElementSibling : beside;
  glide(card, act.way === "drag" ? null : card.getBoundingClientRect(), () => put(list, card, next));
});

function put(list, card, next) {
  const held = card.contains(document.activeElement) && document.activeElement;
  list.insertBefore(card, next !== card && next?.parentNode === list ? next : null);
  if (held) held.focus({ preventScroll: true });
}

function glide(card, from, change) {
  change?.();
  const to = card.getBoundingClientRect();
  const [x, y] = from ? [from.x - to.x, from.y - to.y] : [0, 0];
  if (!x && !y || calm.matches) return;
  const pointerEvents = "none"; // on its way it lies over others
  card.animate([{ translate: `${x}px ${y}px`, pointerEvents }, { translate: "0 0", pointerEvents }], { duration: 200, easing: "ease-out" });
}

// What the answer did not replace goes back to where it was.
function settle(act) {
  const { key, card, slot, timer, form } = act;
  clearTimeout(timer);
  acts += 1;
  if (pending.get(key) === act) pending.delete(key);
  if (form.hidden) form.remove();
  if (!card?.isConnected) return;
  delete card.dataset.pending;
  delete card.dataset.busy;
  card.ariaBusy = null;
  if (slot) glide(card, card.getBoundingClientRect(), () => put(slot.list, card, slot.next));
}

// The same operation id goes again: however often it is sent, the move is made once.
function offer(act, notice, button) {
  const again = formFor(act.action ?? act.form.getAttribute("action"), act.fields);
  button.replaceWith(again);
  again.append(button);
  window.htmx.process(again);
  keep(act, notice);
}
function keep(act, notice) {
  act.notice = notice;
  notice.dataset.unsaved = act.key;
  unsaved.set(act.key, act);
}

function fail(act) {
  settle(act);
  const old = act.form.closest("[data-unsaved]");
  const content = words("board-unsaved");
  live.textContent = $("p", content).textContent;
  if (old?.isConnected) keep(act, old);
  else {
    notices.append(content);
    const notice = notices.lastElementChild;
    offer(act, notice, $("[type=submit]", notice));
  }
  if (act.card && navigator.onLine) reread(numberOf(act.card));
}

on("htmx:error", (event) => {
  const { act, quiet } = event.detail.ctx ?? {};
  if (!act && !quiet) return;
  stop(event);
  if (act) fail(act);
  else if (quiet === "board") later();
}, window, true);

const NO_MORE = [401, 403, 404, 410];
const partial = (task) => task.type === "partial";

on("htmx:before:swap", (event) => {
  const { ctx, tasks } = event.detail;
  const { act, quiet } = ctx;
  if (!board()) return;
  const { status } = ctx.response;
  if (quiet === "board" && status >= 400) {
    event.preventDefault();
    return NO_MORE.includes(status) ? end() : later();
  }
  // Meanwhile a card was moved, or is in somebody's hand: what was asked for before would take that back.
  if (quiet === "board" && (drawn !== acts || pending.size || busy())) {
    event.preventDefault();
    return void (stale = true);
  }
  if (quiet && [404, 410].includes(status)) {
    byId(`card-${quiet}`)?.remove();
    live.textContent = board().dataset.gone;
    if (lost()) board().focus({ preventScroll: true });
  }
  if (quiet ? status >= 400 : act && status >= 500 && !tasks.some(partial)) {
    event.preventDefault();
    return act && fail(act);
  }
  // A board that is drawn again says nothing and takes nothing away that was said.
  if (quiet === "board") for (const task of tasks.filter(partial)) task.swapSpec = { style: "none" };
  const focused = document.activeElement?.closest(CARD);
  ctx.held = focused && [focused.id, (focused.nextElementSibling ?? focused.previousElementSibling)?.id, focused.closest(".column")?.getAttribute("aria-labelledby")];
  ctx.from = [];
  for (const task of tasks.filter(partial)) {
    const card = task.fragment.firstElementChild;
    if (!card?.matches(CARD)) continue;
    const shown = byId(card.id);
    if (quiet && shown && Number(card.dataset.historyNumber) < Number(shown.dataset.historyNumber)) return event.preventDefault();
    if (quiet && !shown) { announce(card); task.swapSpec = { style: "none" }; continue; } // a newcomer pushes nothing away
    if (act?.way === "drag") $("[autofocus]", card)?.removeAttribute("autofocus");
    ctx.from.push([card.id, shown?.getBoundingClientRect()]);
    // A neighbour that has itself moved, seen or not yet, is no measure: then the card's place is asked for once more.
    const next = task.target?.matches(CARD) ? task.target.id : null;
    if (next && (pending.has(next) || waiting.has(next.slice(5)) || reading.has(next.slice(5)))) again(card.id);
    if (shown && card.dataset.version !== shown.dataset.version) for (const [id, spot] of placed) if (spot.next === card.id && Date.now() - spot.at < 3000) again(id);
    placed.set(card.id, { next, at: Date.now() });
    // The neighbour is not on this page, or is itself only guessed to be where it is.
    const list = byId(`list-${card.dataset.column ?? act?.to}`);
    if (list && !list.contains(task.target) || task.target?.matches("[data-pending]")) {
      const after = pending.get(next)?.slot?.next;
      const near = after?.parentNode === list && after.id !== card.id;
      Object.assign(task, { target: near ? after : list, swapSpec: { ...task.swapSpec, style: near ? "beforebegin" : "beforeend" } });
    }
  }
});

on("htmx:after:swap", ({ detail: { ctx } }) => {
  const { act, held, from = [], response } = ctx;
  if (act) {
    settle(act);
    const { status } = response;
    if (status < 400 && act.form.closest("#sheet")) sheet.close();
    if (status >= 500 || status === 429) {
      const button = $("[type=submit]", words("board-unsaved"));
      $(".notice-body", notices)?.append(button);
      if (button.isConnected) offer(act, button.closest(".notice"), button);
    }
    if (status >= 400 && ![409, 410, 422].includes(status) && act.card) reread(numberOf(act.card));
    if (status === 409 && act.way !== "drag") {
      const notice = notices.firstElementChild;
      if (notice) { notice.tabIndex = -1; notice.focus(); }
    }
  }
  for (const { notice } of unsaved.values()) if (!notice.isConnected) notices.append(notice);
  for (const [id, box] of from) if (byId(id)) glide(byId(id), box);
  if (held && lost()) {
    const place = held.map((id) => id && byId(id)).find(Boolean);
    if (place?.matches(CARD)) point(place);
    else if (place) { place.tabIndex = -1; place.focus({ preventScroll: true }); }
  }
  if (lost()) $("#board [autofocus]")?.focus({ preventScroll: true }); // could not take it behind the sheet
  attach();
  flush();
});

on("htmx:finally:request", ({ detail: { ctx } }) => {
  if (ctx.act && pending.get(ctx.act.key) === ctx.act) settle(ctx.act);
  if (ctx.quiet) {
    ctx.sourceElement.remove();
    reading.delete(ctx.quiet);
    if (ctx.quiet === "board") fetching = false;
  }
  flush();
});

on("click", ({ target }) => {
  const notice = target.closest("[data-dismiss]") && target.closest("[data-unsaved]");
  if (notice) unsaved.delete(notice.dataset.unsaved);
}, window, true);
on("beforeunload", (event) => { if (pending.size + unsaved.size) event.preventDefault(); }, window);

// ---- Live: the stream says only which card changed; what this person may see of it is asked of the server.

const waiting = new Map(); // card → the newest change not looked at yet
const reading = new Set(); // cards that are being looked at
const placed = new Map(); // card → before which other one an answer has put it, and when
let attached = null;
let stream = null;
let since = 0;
let failures = 0;
let timer = 0;
let updated = new Date();
let recent = [];
let flooded = false;
let stale = false; // something was missed: the whole board is to be read again
let fetching = false; // it is being read
let acts = 0; // begun and ended: an answer that was asked for before the last one is too old
let drawn = 0; // how many there were when the board was asked for
let ended = false; // the right to see it

function state(name) {
  const badge = $("#board-state");
  if (!badge) return;
  badge.dataset.state = name;
  badge.textContent = badge.dataset[name].replace("{time}", updated.toTimeString().slice(0, 5));
}

function attach() {
  const root = board();
  if (root === attached) return;
  const other = root?.dataset.stream !== attached?.dataset.stream;
  attached = root;
  since = Number(root?.dataset.historyNumber ?? 0);
  flooded = stale = ended = false;
  waiting.clear();
  if (other || !stream) connect();
  else state("live");
}

function connect() {
  clearTimeout(timer);
  stream?.close();
  stream = null;
  const address = board()?.dataset.stream;
  if (!address || !window.htmx || ended) return;
  if (document.hidden) return state("paused");
  const mine = stream = new EventSource(`${address}?since=${since}`);
  on("open", () => { failures = 0; updated = new Date(); state("live"); }, mine);
  on("card", ({ data, lastEventId }) => hear(JSON.parse(data), Number(lastEventId) || undefined), mine);
  on("again", ({ lastEventId }) => miss(Number(lastEventId)), mine);
  on("error", () => {
    if (failures === 0) updated = new Date();
    lose();
    failures += 1;
    state("offline");
    if (failures < 3) timer = setTimeout(connect, 1000 * failures);
    else poll();
  }, mine);
  on("bye", ({ data }) => {
    const { why } = JSON.parse(data);
    lose();
    if (why === "rights") end();
    else if (why === "limit") poll();
    else timer = setTimeout(connect, 1000 + 2000 * Math.random());
  }, mine);
}
// The right to see it has ended: nothing of it stays on the screen.
function end() {
  if (ended) return;
  ended = true;
  lose();
  clearTimeout(timer);
  state("offline");
  board()?.replaceChildren();
  waiting.clear();
  notices.append(words("board-ended"));
  live.textContent = $("p", notices.lastElementChild).textContent;
}
function lose() {
  stream?.close();
  stream = null;
}

// No stream: ask every half minute, and try the stream again each time.
async function poll() {
  const address = board()?.dataset.since;
  if (!address || document.hidden || ended) return;
  try {
    const answer = await fetch(`${address}?n=${since}`);
    if (NO_MORE.includes(answer.status)) return end();
    const { n, cards, again: missed } = await answer.json();
    if (missed) miss(n);
    cards.forEach((change) => hear(change));
    since = Math.max(since, n);
    updated = new Date();
    state("slow");
  } catch { state("offline"); }
  failures = 2;
  timer = setTimeout(connect, 30_000);
}

function hear({ n, card }, at = n) {
  if (at <= since) return;
  since = at;
  updated = new Date();
  if (flooded) return;
  if ("list" in board().dataset) stale = true;
  else waiting.set(String(card), { n });
  flush();
}

function miss(at) {
  since = at;
  stale = !flooded;
  flush();
}

function again(id) {
  if (!flooded && !waiting.has(id.slice(5))) waiting.set(id.slice(5), { again: true });
}

// What is on the page was drawn at a number: an echo of one's own move is in it already and is not read again.
const known = (card, { n }) => n <= Number(byId(`card-${card}`)?.dataset.historyNumber ?? 0);

const busy = () => !board() || "dragging" in document.documentElement.dataset || sheet.open || document.activeElement?.matches("#main :is(input, textarea, select)");

function flush() {
  if (fetching || ended || busy()) return;
  if (stale && !pending.size) return refresh();
  for (const [card, change] of waiting) {
    if (pending.has(`card-${card}`) || change.again && pending.has(placed.get(`card-${card}`)?.next)) continue;
    waiting.delete(card);
    if (change.again) reread(card);
    if (change.again || known(card, change)) continue;
    const now = Date.now();
    recent = [...recent.filter((time) => time > now - 2000), now];
    if (recent.length > 10) return flood();
    reread(card);
  }
}

// The whole board as it is now, drawn over the one that is shown.
function refresh() {
  if (fetching) return void (stale = true);
  stale = false;
  fetching = true;
  drawn = acts;
  waiting.clear();
  const source = make("span", { hidden: true });
  document.body.append(source);
  window.htmx.ajax("GET", location.pathname + location.search, { source, target: "#board", select: "#board", swap: "outerMorph", quiet: "board" });
}

// It could not be read: not at once again, for then everybody would ask a server that is in trouble.
function later() {
  setTimeout(() => { stale = true; flush(); }, 5000 + 5000 * Math.random());
}

// Cards that came from elsewhere wait behind a line at the head of their column.
function announce(card) {
  const line = $(".column-new", byId(`list-${card.dataset.column}`)?.parentNode ?? make("p"));
  if (!line) return;
  const link = line.firstElementChild;
  const ids = new Set(link.dataset.cards?.split(" ")).add(card.id);
  link.dataset.cards = [...ids].join(" ");
  link.href = link.dataset.href;
  link.textContent = link.dataset.words.replace("{n}", ids.size);
  line.hidden = false;
}
on("click", (event) => {
  if (!event.target.closest(".column-new a, a[data-refresh]") || event.ctrlKey || event.metaKey) return;
  stop(event);
  event.target.closest(".notice")?.remove();
  flooded = false;
  if (!stream) connect();
  refresh();
});

function flood() {
  flooded = true;
  waiting.clear();
  notices.append(words("board-changed"));
  window.htmx?.process(notices);
}

function reread(card) {
  const source = make("span", { hidden: true });
  document.body.append(source);
  reading.add(card);
  window.htmx.ajax("GET", board().dataset.card.replace("0", card), { source, swap: "none", quiet: card });
}

on("board:free", flush);
on("close", () => setTimeout(flush), sheet);
on("focusout", () => setTimeout(flush));
on("visibilitychange", connect);
on("pageshow", ({ persisted }) => { if (persisted) connect(); }, window);
on("pagehide", lose, window);
on("online", () => { failures = 0; connect(); }, window);
on("offline", () => { lose(); state("offline"); }, window);
attach();
