// The sandbox of the public page: shows the very request it would send, and sends it once signed in.
import { Problem, call, el, onSubmit, t } from "/static/kit.js";
import { asCurl } from "/static/samples.js";
import { player } from "/static/player.js";

const form = document.getElementById("try");
const shown = document.querySelector("#try-request code");
const result = document.getElementById("try-result");
form.insertAdjacentElement("beforeend", el("p", { class: "problem", role: "alert", hidden: true }));

function show() {
  shown.textContent = asCurl(form.dataset.base, new FormData(form));
}
form.addEventListener("input", show);
show();

onSubmit(form, async (data) => {
  if (form.dataset.signed !== "yes") {
    location.href = "/sign-in?next=/";
    return;
  }
  data.set("async_mode", "false");
  result.textContent = t("state.processing");
  try {
    const answer = await call("POST", "/v1/voice-cloning/tts", data);
    if (answer.status !== "completed") {
      result.replaceChildren(el("a", { href: "/jobs" }, t("front.goes_on")));
      return;
    }
    await player(result, answer.job_id);
  } catch (error) {
    if (error instanceof Problem) result.textContent = "";
    throw error;
  }
});
