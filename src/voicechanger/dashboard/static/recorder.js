// Records a reference clip in the browser as WAV: what the server reads on every browser.
import { t } from "/static/kit.js";

const LONGEST = 60;
const SHORTEST = 3;

/** Wire a recorder; returns an object whose `file` is the recorded WAV, or null. */
export function recorder(root) {
  const state = { file: null };
  const toggle = root.querySelector("[data-record]");
  const meter = root.querySelector("meter");
  const clock = root.querySelector("[data-clock]");
  const advice = root.querySelector("[data-advice]");
  const audio = root.querySelector("audio");
  let running = null;

  async function start() {
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
    } catch {
      advice.textContent = t("record.refused");
      return;
    }
    const context = new AudioContext();
    await context.audioWorklet.addModule("/static/meter.js");
    const source = context.createMediaStreamSource(stream);
    const node = new AudioWorkletNode(context, "meter");
    const blocks = [];
    let samples = 0;
    let peak = 0;
    node.port.onmessage = ({ data }) => {
      blocks.push(data);
      samples += data.length;
      const loud = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      peak = Math.max(peak, loud);
      meter.value = Math.min(1, loud);
      const passed = samples / context.sampleRate;
      clock.textContent = `${Math.floor(passed / 60)}:${String(Math.floor(passed % 60)).padStart(2, "0")}`;
      if (passed >= LONGEST) stop();
    };
    source.connect(node);
    running = { stream, context, blocks, peak: () => peak, seconds: () => samples / context.sampleRate };
    toggle.textContent = t("record.stop");
    advice.textContent = t("record.speak");
  }

  async function stop() {
    if (!running) return;
    const { stream, context, blocks } = running;
    const passed = running.seconds();
    const peak = running.peak();
    running = null;
    for (const track of stream.getTracks()) track.stop();
    const rate = context.sampleRate;
    await context.close();
    meter.value = 0;
    toggle.textContent = t("record.again");
    state.file = new File([wav(blocks, rate)], "recording.wav", { type: "audio/wav" });
    audio.src = URL.createObjectURL(state.file);
    audio.hidden = false;
    if (passed < SHORTEST) advice.textContent = t("record.short");
    else if (peak < 0.05) advice.textContent = t("record.quiet");
    else if (peak > 0.99) advice.textContent = t("record.loud");
    else advice.textContent = t("record.good");
    root.dispatchEvent(new Event("recorded", { bubbles: true }));
  }

  toggle.addEventListener("click", () => (running ? stop() : start()));
  return state;
}

function wav(blocks, rate) {
  const count = blocks.reduce((sum, block) => sum + block.length, 0);
  const view = new DataView(new ArrayBuffer(44 + 2 * count));
  const text = (place, value) => [...value].forEach((letter, i) => view.setUint8(place + i, letter.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, 36 + 2 * count, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, 2 * rate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, 2 * count, true);
  let place = 44;
  for (const block of blocks) {
    for (const value of block) {
      view.setInt16(place, Math.round(Math.max(-1, Math.min(1, value)) * 32767), true);
      place += 2;
    }
  }
  return view.buffer;
}
