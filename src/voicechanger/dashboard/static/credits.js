// Credits: balance, a chart by day, the ledger.
import { call, el, guarded, locale, moment, number, pager, t } from "/static/kit.js";

const SVG = "http://www.w3.org/2000/svg";

function figure(value, label) {
  return el("div", { class: "card" }, el("div", { class: "figure" }, number(value)), el("p", {}, label));
}

function svg(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.textContent = text;
  return made;
}

/** Credits by day, the last thirty days. */
function chart(buckets) {
  const byDay = new Map(buckets.map((bucket) => [bucket.start.slice(0, 10), bucket.credits]));
  const days = Array.from({ length: 30 }, (_, i) => new Date(Date.now() - (29 - i) * 86_400_000));
  const values = days.map((day) => byDay.get(day.toISOString().slice(0, 10)) ?? 0);
  const most = Math.max(...values, 1);
  const drawing = svg("svg", { class: "bars", viewBox: "0 0 900 190", role: "img", "aria-label": t("credits.chart", { total: number(values.reduce((a, b) => a + b, 0)) }) });
  values.forEach((value, i) => {
    const height = Math.max(value ? 3 : 1, (value / most) * 140);
    const bar = svg("rect", { x: i * 30 + 3, y: 150 - height, width: 22, height, rx: 4 });
    bar.append(svg("title", {}, `${days[i].toLocaleDateString(locale)}: ${number(value)}`));
    drawing.append(bar);
    if (i % 5 === 4) drawing.append(svg("text", { x: i * 30 + 14, y: 175, "text-anchor": "middle" }, days[i].toLocaleDateString(locale, { day: "numeric", month: "short" })));
  });
  return drawing;
}

const ledger = pager(
  () => "/v1/account/ledger?limit=20",
  (entry) =>
    el(
      "tr",
      {},
      el("td", {}, moment(entry.created_at)),
      el("td", {}, t(`entry_kind.${entry.kind}`)),
      el("td", {}, number(entry.amount)),
      el("td", {}, entry.job_id ? el("code", {}, entry.job_id.slice(0, 8)) : entry.note || "–"),
    ),
  { rows: document.getElementById("rows"), more: document.getElementById("more") },
);

guarded(async () => {
  const [account, usage] = await Promise.all([call("GET", "/v1/account"), call("GET", "/v1/account/usage?bucket=day")]);
  const spent = (usage.items ?? usage).reduce((sum, bucket) => sum + bucket.credits, 0);
  document.getElementById("figures").replaceChildren(
    figure(account.balance, t("credits.available")),
    figure(account.reserved, t("credits.reserved")),
    figure(spent, t("credits.spent")),
  );
  document.getElementById("chart").replaceChildren(chart(usage.items ?? usage));
  await ledger.reload();
})();
