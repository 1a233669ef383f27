// Text to speech: the form, the price before sending, the progress, the result.
import { badge, call, el, guarded, moment, number, onSubmit, t } from "/static/kit.js";
import { player } from "/static/player.js";
import { recorder } from "/static/recorder.js";
import { asCurl, asJavaScript, asPython } from "/static/samples.js";

const form = document.getElementById("speak");
const recording = recorder(form.querySelector("[data-recorder]"));
const state = document.getElementById("state");
const bar = document.getElementById("progress");
const place = document.getElementById("player");
const writers = { curl: asCurl, python: asPython, javascript: asJavaScript };
let shown = "curl";
let available = null;

/** The fields as they are sent: one voice, nothing empty. */
function request() {
  const data = new FormData(form);
  const source = data.get("source");
  data.delete("source");
  if (source !== "saved") data.delete("custom_voice_id");
  if (source !== "upload") data.delete("audio_ref");
  if (source === "record" && recording.file) data.set("audio_ref", recording.file);
  for (const name of ["duration", "speed"]) if (!data.get(name)) data.delete(name);
  data.set("async_mode", data.has("wait") ? "false" : "true");
  data.delete("wait");
  return data;
}

function refresh() {
  const text = form.elements.text.value.trim();
  const characters = [...text].length;
  const price = characters * Number(form.dataset.price);
  document.getElementById("count").textContent = t("speak.count", { count: number(characters), limit: number(Number(form.dataset.limit)) });
  document.getElementById("price").textContent =
    available === null ? t("speak.price", { price: number(price) }) : t("speak.price_of", { price: number(price), available: number(available) });
  document.getElementById("as-code").textContent = writers[shown](form.dataset.base, request());
}

for (const tab of document.querySelectorAll("[data-as]")) {
  tab.addEventListener("click", () => {
    shown = tab.dataset.as;
    for (const other of document.querySelectorAll("[data-as]")) other.setAttribute("aria-pressed", String(other === tab));
    refresh();
  });
}
form.addEventListener("input", refresh);
form.addEventListener("change", refresh);
form.addEventListener("recorded", refresh);

function follow(jobId) {
  return new Promise((resolve) => {
    const events = new EventSource(`/v1/jobs/${jobId}/events`);
    const ended = ({ data }) => {
      events.close();
      resolve(JSON.parse(data));
    };
    events.addEventListener("progress", ({ data }) => tell(JSON.parse(data)));
    for (const name of ["completed", "failed", "canceled", "deleted"]) events.addEventListener(name, ended);
  });
}

function tell(job) {
  bar.hidden = job.status !== "processing" && job.status !== "queued";
  bar.value = job.progress;
  if (job.status === "queued") state.textContent = job.position ? t("state.position", { position: job.position }) : t("state.queued");
  else if (job.status === "processing") state.textContent = t("state.percent", { percent: Math.round(job.progress * 100) });
  else if (job.status === "completed") state.textContent = [t("state.completed", { price: number(job.credits_charged) }), ...(job.notices || [])].join(" ");
  else state.textContent = job.error ? job.error.message : t("state.canceled");
}

onSubmit(form, async () => {
  place.hidden = true;
  state.textContent = t("state.sending");
  let jobId;
  try {
    jobId = (await call("POST", "/v1/voice-cloning/tts", request())).job_id;
  } catch (error) {
    state.textContent = t("speak.nothing_yet");
    throw error;
  }
  const job = await follow(jobId);
  tell(job);
  bar.hidden = true;
  if (job.status === "completed") await player(place, jobId);
  await Promise.all([history(), credits()]);
});

async function history() {
  const page = await call("GET", "/v1/jobs?limit=5&kind=speech");
  const rows = page.items.map((job) =>
    el(
      "li",
      { class: "list-row" },
      el("span", {}, `${moment(job.created_at)} · ${t("speak.characters", { count: number(job.characters) })}`),
      badge(job.status),
      job.status === "completed"
        ? el("button", { type: "button", class: "button quiet small", onclick: guarded(() => player(place, job.id)) }, t("player.play"))
        : null,
    ),
  );
  document.getElementById("history").replaceChildren(...(rows.length ? rows : [el("li", { class: "hint" }, t("speak.no_history"))]));
}

async function credits() {
  available = (await call("GET", "/v1/account")).balance;
  refresh();
}

async function voices() {
  const page = await call("GET", "/v1/custom-voices?limit=100");
  const choice = form.elements.custom_voice_id;
  choice.replaceChildren(...page.items.filter((voice) => voice.status !== "failed").map((voice) => el("option", { value: voice.id }, voice.name)));
  const wanted = new URLSearchParams(location.search).get("voice");
  if (wanted) choice.value = wanted;
  // only while nothing else was chosen: whoever was quicker than this answer keeps their choice
  if (!choice.options.length && new FormData(form).get("source") === "saved") {
    form.querySelector("input[name=source][value=upload]").click();
  }
}

guarded(async () => {
  refresh();
  await Promise.all([voices(), history(), credits()]);
  refresh();
})();
