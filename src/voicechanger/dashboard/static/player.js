// A recording as a waveform, its words lit as they are spoken.
import WaveSurfer from "/static/vendor/wavesurfer.js";
import { button, call, el, number, seconds, t } from "/static/kit.js";

/** Show the recording of a completed job in `root`. */
export async function player(root, jobId, { transcript = true } = {}) {
  const result = await call("GET", `/v1/jobs/${jobId}/result`);
  const style = getComputedStyle(document.documentElement);
  const wave = el("div", { class: "waveform" });
  const play = button(t("player.play"), () => surfer.playPause(), "");
  const download = el("a", { class: "button quiet", href: result.download_url, download: "" }, t("player.download"));
  const size = el("span", { class: "hint" }, `${seconds(result.duration_seconds)} · ${number(Math.ceil(result.size_bytes / 1024))} kB`);
  const words = el("p", { class: "words", "aria-label": t("player.words") });
  root.replaceChildren(wave, el("div", { class: "player-tools" }, play, download, size), words);
  root.hidden = false;
  const surfer = WaveSurfer.create({
    container: wave,
    cspNonce: document.querySelector("meta[name=style-nonce]").content,
    url: result.download_url,
    height: 84,
    barWidth: 3,
    barGap: 2,
    barRadius: 2,
    waveColor: style.getPropertyValue("--line").trim(),
    progressColor: style.getPropertyValue("--accent").trim(),
    cursorColor: style.getPropertyValue("--accent").trim(),
  });
  surfer.on("play", () => (play.textContent = t("player.pause")));
  surfer.on("pause", () => (play.textContent = t("player.play")));
  if (!transcript) return;
  const times = await call("GET", `/v1/jobs/${jobId}/timestamps`);
  const spans = times.words.map((word) => el("span", {}, word.text));
  spans.forEach((span) => words.append(span, " "));
  surfer.on("timeupdate", (now) => {
    spans.forEach((span, i) => span.classList.toggle("said", now >= times.words[i].start && now < times.words[i].end));
  });
}
