// API keys: make (shown once), list, revoke.
import { button, call, el, guarded, moment, notice, onSubmit, t } from "/static/kit.js";

const rows = document.getElementById("rows");

function row(key) {
  return el(
    "tr",
    {},
    el("td", {}, key.name),
    el("td", {}, el("code", {}, `vc_${key.prefix}_…`)),
    el("td", {}, key.scopes.map((scope) => t(`scope.${scope}`)).join(", ")),
    el("td", {}, moment(key.last_used_at)),
    el("td", {}, moment(key.expires_at)),
    el("td", {}, key.revoked_at ? t("keys.revoked") : button(t("keys.revoke"), () => revoke(key), "danger", `${t("keys.revoke")}: ${key.name}`)),
  );
}

async function revoke(key) {
  if (!confirm(t("keys.sure", { name: key.name }))) return;
  await call("DELETE", `/v1/account/keys/${key.id}`);
  notice(t("keys.ended", { name: key.name }));
  await load();
}

onSubmit(document.getElementById("new-key"), async (data) => {
  const body = { name: data.get("name"), scopes: data.getAll("scopes") };
  if (data.get("credit_cap")) body.credit_cap = Number(data.get("credit_cap"));
  if (data.get("expires_at")) body.expires_at = `${data.get("expires_at")}T23:59:59Z`;
  const made = await call("POST", "/v1/account/keys", body);
  document.getElementById("fresh-key").textContent = made.key;
  document.getElementById("fresh").hidden = false;
  await load();
});

async function load() {
  const found = await call("GET", "/v1/account/keys");
  rows.replaceChildren(...(found.items ?? found).map(row));
}
guarded(load)();
