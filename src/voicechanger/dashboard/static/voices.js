// Custom voices: a grid, and one dialog that makes and changes them.
import { Problem, badge, button, call, el, guarded, moment, notice, number, onSubmit, seconds, showProblem, t } from "/static/kit.js";
import { recorder } from "/static/recorder.js";

const grid = document.getElementById("grid");
const editor = document.getElementById("editor");
const form = document.getElementById("voice-form");
const search = document.getElementById("search");
const recording = recorder(form.querySelector("[data-recorder]"));
const audio = new Audio();
let edited = null;
let timer = null;

function card(voice) {
  const portrait = voice.image_url
    ? el("img", { class: "portrait", src: voice.image_url, alt: "" })
    : el("div", { class: "portrait", "aria-hidden": "true" }, [...voice.name][0].toUpperCase());
  const clip = voice.clip;
  return el(
    "li",
    { class: "card voice" },
    el("div", { class: "voice-head" }, portrait, el("div", {}, el("h2", {}, voice.name), badge(voice.status))),
    voice.failure ? el("p", { class: "problem" }, voice.failure.message) : null,
    el("p", { class: "hint" }, quality(clip)),
    refinement(voice),
    el("p", { class: "hint" }, moment(voice.created_at)),
    el(
      "div",
      { class: "actions" },
      voice.preview_audio_url ? button(t("voices.audition"), () => audition(voice), "quiet", `${t("voices.audition")}: ${voice.name}`) : null,
      el("a", { class: "button quiet", href: `/speak?voice=${voice.id}`, "aria-label": `${t("voices.use")}: ${voice.name}` }, t("voices.use")),
      button(t("do.change"), () => open(voice), "quiet", `${t("do.change")}: ${voice.name}`),
      button(t("do.delete"), () => remove(voice), "danger", `${t("do.delete")}: ${voice.name}`),
    ),
  );
}

function quality(clip) {
  const noise = clip.snr_db === null || clip.snr_db === undefined ? "" : t("voices.noise", { snr: number(Math.round(clip.snr_db)) });
  return [t("voices.length", { seconds: seconds(clip.seconds) }), noise, t("voices.speech", { share: Math.round(clip.speech_share * 100) })]
    .filter(Boolean)
    .join(" · ");
}

function refinement(voice) {
  const status = voice.refinement?.status;
  const text = { waiting: t("voices.refining"), better: t("voices.refined") }[status];
  return text ? el("p", { class: "hint", "data-refinement": status }, text) : null;
}

async function audition(voice) {
  audio.src = (await call("GET", `/v1/custom-voices/${voice.id}`)).preview_audio_url;
  await audio.play();
}

async function remove(voice) {
  if (!confirm(t("voices.sure", { name: voice.name }))) return;
  await call("DELETE", `/v1/custom-voices/${voice.id}`);
  notice(t("voices.deleted", { name: voice.name }));
  await load();
}

function open(voice) {
  edited = voice;
  form.reset();
  showProblem(form, null);
  recording.file = null;
  document.getElementById("editor-title").textContent = voice ? t("voices.edit") : t("voices.new");
  document.getElementById("consent-row").hidden = Boolean(voice);
  form.elements.name.value = voice ? voice.name : "";
  for (const part of form.querySelectorAll("div[data-source]")) part.hidden = part.dataset.source !== "upload";
  editor.showModal();
}

onSubmit(form, async (data) => {
  const body = new FormData();
  const clips = data.get("source") === "record" ? [recording.file] : data.getAll("ref_audio");
  const name = data.get("name").trim();
  if (!edited || name !== edited.name) body.set("name", name);
  for (const clip of clips) if (clip?.size) body.append("ref_audio", clip);
  if (data.get("image")?.size) body.set("image", data.get("image"));
  if (!edited) {
    if (!data.has("consent")) throw new Problem({ code: "consent_required", detail: t("error.consent_required") }, 422);
    body.set("consent", t("voices.consent"));
    body.set("generate_preview", "true");
  }
  const saved = edited ? await call("PATCH", `/v1/custom-voices/${edited.id}`, body) : await call("POST", "/v1/custom-voices", body);
  editor.close();
  notice(t("voices.saved", { name: saved.name }));
  await load();
});

async function load() {
  const q = search.elements.q.value.trim();
  const page = await call("GET", `/v1/custom-voices?limit=100${q ? `&q=${encodeURIComponent(q)}` : ""}`);
  grid.replaceChildren(...page.items.map(card));
  document.getElementById("none").hidden = page.items.length > 0;
  clearTimeout(timer);
  const busy = page.items.some((voice) => voice.status === "processing" || (voice.preview_job_id && !voice.preview_audio_url && voice.status !== "failed"));
  const refining = page.items.some((voice) => voice.refinement?.status === "waiting");
  if (busy || refining) timer = setTimeout(guarded(load), busy ? 2000 : 10000);
}

document.getElementById("new").addEventListener("click", () => open(null));
search.addEventListener("input", guarded(load));
search.addEventListener("submit", (event) => event.preventDefault());
guarded(load)();
