// What every page uses: texts, calls to /v1, problems, small builders.

const texts = JSON.parse(document.getElementById("texts").textContent);
export const locale = document.documentElement.lang;

/** The text of a key, with {names} filled in. */
export function t(key, values = {}) {
  const text = texts[key];
  if (text === undefined) throw new Error(`no text ${key}`);
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** A problem document as an error. */
export class Problem extends Error {
  constructor(body, status) {
    const known = texts[`error.${body.code}`];
    super(known && locale !== "en" ? known : body.detail || known || texts["error.unknown"]);
    this.code = body.code;
    this.status = status;
    this.fields = body.errors || [];
  }
}

/** Call one of the routes that every client has; returns JSON, or null when there is none. */
export async function call(method, path, body) {
  const headers = {};
  const csrf = document.querySelector("meta[name=csrf]");
  if (csrf) headers["X-CSRF-Token"] = csrf.content;
  if (body && !(body instanceof FormData)) {
    headers["Content-Type"] = "application/json";
    body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(path, { method, headers, body });
  } catch {
    throw new Problem({ code: "offline", detail: texts["error.offline"] }, 0);
  }
  const text = await answer.text();
  const type = answer.headers.get("Content-Type") || "";
  const value = text && type.includes("json") ? JSON.parse(text) : null;
  if (answer.status === 401) location.href = `/sign-in?next=${encodeURIComponent(location.pathname)}`;
  if (!answer.ok) throw new Problem(value || { code: "unknown" }, answer.status);
  return value;
}

/** An element: el("p", {class: "hint"}, "text", child). */
export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export function button(text, onclick, kind = "quiet", label = null) {
  return el("button", { type: "button", class: `button ${kind}`, onclick: guarded(onclick), "aria-label": label }, text);
}

export const badge = (status) => el("span", { class: `badge ${status}` }, t(`status.${status}`));
export const number = (value) => new Intl.NumberFormat(locale).format(value);
export const moment = (value) =>
  value ? new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(new Date(value)) : "–";
export const seconds = (value) => (value === null || value === undefined ? "–" : `${number(Math.round(value * 10) / 10)} s`);

let clearing;
/** Tell something briefly, to eyes and ears. */
export function notice(text) {
  const place = document.getElementById("notice");
  place.textContent = text;
  clearTimeout(clearing);
  clearing = setTimeout(() => (place.textContent = ""), 6000);
}

/** Run an action of a button; a problem is told. */
export function guarded(action) {
  return async (event) => {
    try {
      await action(event);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      notice(error.message);
    }
  };
}

/** Show a problem in a form: the sentence, and the fields it is about. */
export function showProblem(form, error) {
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  const place = form.querySelector(".problem");
  place.hidden = !error;
  place.textContent = error ? error.message : "";
  if (!error) return;
  for (const { field } of error.fields || []) form.querySelector(`[name="${field}"]`)?.setAttribute("aria-invalid", "true");
  form.querySelector("[aria-invalid]")?.focus();
}

/** Submit a form through an action; its button rests meanwhile. */
export function onSubmit(form, action) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const send = form.querySelector("[type=submit]");
    send.disabled = true;
    showProblem(form, null);
    try {
      await action(new FormData(form), event);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      showProblem(form, error);
    } finally {
      send.disabled = false;
    }
  });
}

/** Load page after page of a list into rows. */
export function pager(path, row, { rows, more, none, items = (page) => page.items }) {
  let cursor = null;
  async function load(fresh) {
    if (fresh) cursor = null;
    const joint = path().includes("?") ? "&" : "?";
    const page = await call("GET", `${path()}${cursor ? `${joint}cursor=${encodeURIComponent(cursor)}` : ""}`);
    if (fresh) rows.replaceChildren();
    rows.append(...items(page).map(row));
    cursor = page.next_cursor;
    if (more) more.hidden = !cursor;
    if (none) none.hidden = rows.childElementCount > 0;
  }
  more?.addEventListener("click", guarded(() => load(false)));
  return { reload: () => load(true) };
}

export function dialogs() {
  for (const close of document.querySelectorAll("[data-close]")) {
    close.addEventListener("click", () => close.closest("dialog").close());
  }
}
