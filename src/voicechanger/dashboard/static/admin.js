// For the administrator: accounts, credits, queue and workers.
import { button, call, el, guarded, moment, number, onSubmit, showProblem, t } from "/static/kit.js";

const dialog = document.getElementById("grant");
const form = dialog.querySelector("form");
let chosen = null;

function row(account) {
  return el(
    "tr",
    {},
    el("td", {}, account.name),
    el("td", {}, account.email ?? "–"),
    el("td", {}, number(account.available)),
    el(
      "td",
      {},
      el(
        "div",
        { class: "actions" },
        button(t("admin.grant"), () => {
          chosen = account;
          form.reset();
          showProblem(form, null);
          dialog.showModal();
        }),
        account.is_admin ? null : button(t(account.suspended ? "admin.lift" : "admin.suspend"), () => suspend(account), "danger"),
      ),
    ),
  );
}

async function suspend(account) {
  await call("POST", `/v1/admin/accounts/${account.id}/suspension`, { suspended: !account.suspended });
  await load();
}

onSubmit(form, async (data) => {
  await call("POST", `/v1/admin/accounts/${chosen.id}/credits`, { amount: Number(data.get("amount")), note: data.get("note") });
  dialog.close();
  await load();
});

async function load() {
  const [accounts, health] = await Promise.all([call("GET", "/v1/admin/accounts"), call("GET", "/v1/admin/health")]);
  const figure = (value, label) => el("div", { class: "card" }, el("div", { class: "figure" }, number(value)), el("p", {}, label));
  document.getElementById("figures").replaceChildren(
    figure(health.queued, t("status.queued")),
    figure(health.processing, t("status.processing")),
    figure(health.workers.filter((worker) => worker.ready).length, t("admin.ready")),
  );
  document.getElementById("workers").replaceChildren(
    ...health.workers.map((worker) =>
      el("li", { class: "list-row" }, el("span", {}, `${worker.host} · ${worker.pid} · ${worker.version}`), el("span", { class: "hint" }, moment(worker.seen_at))),
    ),
  );
  document.getElementById("rows").replaceChildren(...accounts.map(row));
}
guarded(load)();
