// The signed-in person: password, sessions.
import { button, call, el, guarded, moment, notice, onSubmit, t } from "/static/kit.js";

const form = document.getElementById("password");

onSubmit(form, async (data) => {
  const live = await call("POST", "/v1/account/password", Object.fromEntries(data));
  form.reset();
  const names = live.keys.map((key) => key.name).join(", ");
  notice(names ? `${t("account.changed")} ${t("account.live_keys")} ${names}` : t("account.changed"));
  await load();
});

async function load() {
  const found = await call("GET", "/v1/account/sessions");
  const rows = found.map((one) =>
    el(
      "li",
      { class: "list-row" },
      el("span", {}, `${one.browser.slice(0, 60) || "–"} · ${one.address} · ${moment(one.seen_at)}`),
      one.current
        ? el("span", { class: "badge ready" }, t("account.this"))
        : button(t("account.end"), async () => {
            await call("DELETE", `/v1/account/sessions/${one.id}`);
            await load();
          }),
    ),
  );
  document.getElementById("sessions").replaceChildren(...rows);
}
guarded(load)();
