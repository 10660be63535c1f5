// What every page gets on top of plain HTML. Each part is a comfort: with this file missing, every form still works.
const $ = (selector, root = document) => root.querySelector(selector);
const on = (event, act, capture) => document.addEventListener(event, act, capture);
const root = document.documentElement;
const sheet = $("#sheet");
root.classList.add("scripted");

// The browser's zone is only a guess, offered to the server as a cookie; the person confirms it in the preferences.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone) document.cookie = `zone=${zone};path=/;max-age=31536000;samesite=lax`;

// A narrow window gets boards as lists, unless the address says otherwise.
document.cookie = `narrow=${Number(innerWidth < 640)};path=/;max-age=31536000;samesite=lax`;

// Busy words: only when the answer takes longer than a blink, so that quick answers do not flicker.
const waiting = new Map();
function busy(form, button) {
  if (!waiting.has(form)) waiting.set(form, { button, timer: setTimeout(() => mark(form, button, true), 150) });
}
function mark(form, button, on) {
  for (const element of [form, button]) element?.setAttribute("aria-busy", on);
}
function rest(form) {
  const entry = waiting.get(form);
  if (!entry) return;
  clearTimeout(entry.timer);
  mark(form, entry.button, false);
  waiting.delete(form);
}
addEventListener("pageshow", () => [...waiting.keys()].forEach(rest));

// Drafts save themselves after two seconds of quiet; a submit waits for a save that is already on its way,
// so that the version it carries is the newest.
const drafts = new WeakMap();
const draft = (form) => drafts.get(form) ?? drafts.set(form, {}).get(form);
async function save(form) {
  const state = draft(form);
  const line = $("[data-draft-state]", form);
  const body = new FormData(form);
  let saved = false;
  try {
    body.set("operation_id", crypto.randomUUID());
    const answer = await fetch(form.dataset.autosave, {
      method: "POST",
      body,
      headers: { "HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "autosave" },
    });
    const version = answer.headers.get("X-Version");
    if (version) form.elements.version.value = version;
    saved = answer.ok && !answer.redirected;
  } catch { /* the network is away: the line below says so */ }
  state.saving = null;
  if (line) line.textContent = saved ? line.dataset.saved.replace("{time}", new Date().toTimeString().slice(0, 5)) : line.dataset.unsaved;
}
on("input", ({ target }) => {
  count(target);
  const form = target.form;
  if (!form?.dataset.autosave || target.type === "file") return;
  const state = draft(form);
  clearTimeout(state.timer);
  state.timer = setTimeout(() => { state.saving = (state.saving ?? Promise.resolve()).then(() => form.isConnected && save(form)); }, 2000);
});

on("submit", (event) => {
  const form = event.target;
  const state = drafts.get(form);
  clearTimeout(state?.timer);
  if (state?.saving) {
    event.preventDefault();
    event.stopImmediatePropagation();
    const { submitter } = event;
    state.saving.then(() => form.requestSubmit(submitter));
    return;
  }
  if (form.method !== "dialog") busy(form, event.submitter);
}, true);

// Counters speak the page's language: the sentences come with the HTML.
function count(area) {
  const line = area.dataset?.counter && document.getElementById(`${area.id}-count`);
  if (!line) return;
  const left = area.dataset.counter - area.value.length;
  line.toggleAttribute("data-over", left < 0);
  line.textContent = (left < 0 ? line.dataset.tooMany : line.dataset.left).replace("{n}", Math.abs(left));
}
const countAll = () => document.querySelectorAll("[data-counter]").forEach(count);
countAll();

on("click", ({ target }) => {
  const close = target.closest("[data-dismiss], [data-close]");
  if (close?.matches("[data-dismiss]")) {
    close.closest(".notice")?.remove();
    home();
  } else close?.closest("dialog")?.close();
});

// Focus never falls to nowhere: after a swap that took the focused thing away it goes to the screen's heading.
function home() {
  if (document.activeElement !== document.body) return;
  const place = $("#main h1") ?? $("#main");
  place.tabIndex = -1;
  place.focus({ preventScroll: true });
}

// An answer of partials only (a refusal) leaves the screen, and an open sheet, as they are.
let filled = null;
on("htmx:before:swap", ({ detail: { tasks } }) => {
  const main = tasks.find((task) => task.type === "main" && task.swapSpec.style !== "none");
  filled = typeof main?.target === "string" ? $(main.target) : main?.target;
});
on("htmx:after:swap", ({ detail: { ctx } }) => {
  if (filled === sheet && sheet.childElementCount) {
    const heading = $("h1, h2", sheet);
    if (heading) sheet.setAttribute("aria-labelledby", (heading.id ||= "sheet-title"));
    if (!sheet.open) sheet.showModal();
  } else if (filled?.id === "main") {
    sheet.close();
    const heading = $("#main h1");
    const mark = $("#main .error-summary") ? `${root.dataset.error} ` : "";
    if (heading) document.title = `${mark}${heading.textContent.trim()} · Stint`;
  }
  countAll();
  if (ctx.response?.status >= 400) lift();
  if (!sheet.open) requestAnimationFrame(home);
});
on("htmx:finally:request", ({ detail: { ctx } }) => {
  // A redirect keeps the busy word until the new page is here.
  if (!ctx.keepIndicators) rest(ctx.request?.form ?? ctx.sourceElement);
});
sheet.addEventListener("close", () => { sheet.replaceChildren(); home(); });

// Behind an open sheet nobody would meet a notice, so it comes into the sheet and takes the focus.
function lift() {
  if (!sheet.open || filled === sheet) return;
  sheet.prepend(...$("#notices").children);
  sheet.firstElementChild.tabIndex = -1;
  sheet.firstElementChild.focus();
}

// The network went away: say so where it stays, keep what was typed, and let the person try again.
on("htmx:error", ({ detail }) => {
  if (!detail.ctx) return;
  const words = $("#offline").content;
  $("#notices").replaceChildren(words.cloneNode(true));
  $("#live").textContent = words.textContent.trim();
  filled = null;
  lift();
});
