// Webhooks: add, test, look at deliveries, send again, remove.
import { button, call, el, guarded, moment, notice, onSubmit, t } from "/static/kit.js";

const list = document.getElementById("hooks");
const dialog = document.getElementById("deliveries");

function secret(text) {
  document.getElementById("fresh-secret").textContent = text;
  document.getElementById("fresh").hidden = false;
}

function item(hook) {
  return el(
    "li",
    { class: "card" },
    el("p", {}, el("strong", {}, hook.url), " ", el("span", { class: `badge ${hook.enabled ? "ready" : "failed"}` }, t(hook.enabled ? "webhooks.on" : "webhooks.off"))),
    el("p", { class: "hint" }, [hook.events.join(", "), hook.disabled_reason].filter(Boolean).join(" · ")),
    el(
      "div",
      { class: "actions" },
      button(t("webhooks.test"), () => test(hook)),
      button(t("webhooks.deliveries"), () => deliveries(hook)),
      button(t("webhooks.rotate"), () => rotate(hook)),
      button(t("do.delete"), () => remove(hook), "danger"),
    ),
  );
}

async function test(hook) {
  await call("POST", `/v1/webhooks/${hook.id}/test`);
  notice(t("webhooks.sent"));
}

async function rotate(hook) {
  secret((await call("POST", `/v1/webhooks/${hook.id}/rotate-secret`)).secret);
}

async function remove(hook) {
  if (!confirm(t("webhooks.sure", { url: hook.url }))) return;
  await call("DELETE", `/v1/webhooks/${hook.id}`);
  await load();
}

async function deliveries(hook) {
  const page = await call("GET", `/v1/webhooks/${hook.id}/deliveries?limit=50`);
  const rows = page.items.map((one) =>
    el(
      "div",
      { class: "list-row" },
      el("span", {}, `${moment(one.created_at)} · ${one.event} · ${one.status}${one.response_status ? ` · ${one.response_status}` : ""}`),
      button(t("webhooks.replay"), async () => {
        await call("POST", `/v1/webhooks/${hook.id}/deliveries/${one.id}/replay`);
        notice(t("webhooks.sent"));
      }),
    ),
  );
  document.getElementById("log").replaceChildren(...(rows.length ? rows : [el("p", { class: "hint" }, t("webhooks.none"))]));
  dialog.showModal();
}

onSubmit(document.getElementById("new-hook"), async (data) => {
  const made = await call("POST", "/v1/webhooks", { url: data.get("url"), events: data.getAll("events") });
  secret(made.secret);
  await load();
});

async function load() {
  const found = await call("GET", "/v1/webhooks");
  list.replaceChildren(...(found.items ?? found).map(item));
}
guarded(load)();
