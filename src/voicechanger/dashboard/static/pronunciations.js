// The dictionary of pronunciations: set a word, find, remove.
import { button, call, el, guarded, notice, onSubmit, pager, t } from "/static/kit.js";

const filters = document.getElementById("filters");
const form = document.getElementById("new-word");

function row(entry) {
  const language = entry.language === "any" ? t("pronunciations.any") : t(`language.${entry.language}`);
  return el(
    "tr",
    {},
    el("td", {}, entry.word),
    el("td", {}, el("code", {}, entry.phonemes)),
    el("td", {}, language),
    el("td", {}, button(t("do.delete"), () => remove(entry), "danger", `${t("do.delete")}: ${entry.word}`)),
  );
}

const list = pager(
  () => `/v1/account/pronunciations?${new URLSearchParams({ q: new FormData(filters).get("q"), limit: "50" })}`,
  row,
  { rows: document.getElementById("rows"), more: document.getElementById("more"), none: document.getElementById("none") },
);

async function remove(entry) {
  if (!confirm(t("pronunciations.sure", { word: entry.word }))) return;
  await call("DELETE", `/v1/account/pronunciations/${entry.id}`);
  notice(t("pronunciations.removed", { word: entry.word }));
  await list.reload();
}

onSubmit(form, async (data) => {
  const entry = await call("PUT", "/v1/account/pronunciations", Object.fromEntries(data));
  notice(t("pronunciations.saved", { word: entry.word }));
  form.elements.word.value = form.elements.phonemes.value = "";
  form.elements.word.focus();
  await list.reload();
});

filters.addEventListener("submit", (event) => event.preventDefault());
let waiting;
filters.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(guarded(list.reload), 250);
});
guarded(list.reload)();
