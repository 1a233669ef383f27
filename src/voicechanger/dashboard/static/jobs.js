// Jobs: list, filter, detail, cancel, delete, listen.
import { badge, button, call, el, guarded, moment, number, pager, seconds, t } from "/static/kit.js";
import { player } from "/static/player.js";

const filters = document.getElementById("filters");
const detail = document.getElementById("detail");

function row(job) {
  const open = job.status === "queued" || job.status === "processing";
  return el(
    "tr",
    {},
    el("td", {}, moment(job.created_at)),
    el("td", {}, badge(job.status), job.status === "processing" ? ` ${Math.round(job.progress * 100)} %` : ""),
    el("td", {}, number(job.characters)),
    el("td", {}, seconds(job.duration_seconds)),
    el("td", {}, number(job.credits_charged ?? 0)),
    el(
      "td",
      {},
      el(
        "div",
        { class: "actions" },
        button(t("jobs.show"), () => show(job.id)),
        open ? button(t("do.cancel"), () => act("POST", `/v1/jobs/${job.id}/cancel`)) : null,
        open ? null : button(t("do.delete"), () => confirm(t("jobs.sure")) && act("DELETE", `/v1/jobs/${job.id}`), "danger"),
      ),
    ),
  );
}

const list = pager(
  () => {
    const query = new URLSearchParams([...new FormData(filters)].filter(([, value]) => value));
    query.set("limit", "20");
    return `/v1/jobs?${query}`;
  },
  row,
  { rows: document.getElementById("rows"), more: document.getElementById("more"), none: document.getElementById("none") },
);

async function act(method, path) {
  await call(method, path);
  await list.reload();
}

async function show(id) {
  const job = await call("GET", `/v1/jobs/${id}`);
  const facts = {
    "jobs.id": job.id,
    "jobs.status": t(`status.${job.status}`),
    "jobs.error": job.error?.message,
    "jobs.made": moment(job.created_at),
    "jobs.started": moment(job.started_at),
    "jobs.finished": moment(job.finished_at),
    "jobs.languages": job.detected_languages?.map((tag) => t(`language.${tag}`)).join(", "),
    "jobs.length": seconds(job.duration_seconds),
    "jobs.speed": job.effective_speed ? `× ${number(Math.round(job.effective_speed * 100) / 100)}` : null,
    "jobs.price": number(job.credits_charged ?? 0),
    "jobs.attempt": number(job.attempt),
    "jobs.notices": job.notices?.join(" "),
  };
  const parts = Object.entries(facts).filter(([, value]) => value);
  document.getElementById("facts").replaceChildren(...parts.flatMap(([key, value]) => [el("dt", {}, t(key)), el("dd", {}, value)]));
  const place = document.getElementById("player");
  place.replaceChildren();
  detail.showModal();
  if (job.status === "completed") await player(place, job.id);
}

filters.addEventListener("change", guarded(list.reload));
guarded(list.reload)();
