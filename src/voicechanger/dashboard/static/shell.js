// The frame around every page: menu, theme, copy buttons, choices that show a part of a form.
import { dialogs, notice, t } from "/static/kit.js";

document.getElementById("theme").addEventListener("click", () => {
  const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  localStorage.setItem("theme", next);
});

const menu = document.querySelector(".menu-button");
menu?.addEventListener("click", () => menu.setAttribute("aria-expanded", menu.getAttribute("aria-expanded") !== "true"));

document.addEventListener("click", async (event) => {
  const copy = event.target.closest("[data-copy]");
  if (!copy) return;
  const source = document.getElementById(copy.dataset.copy);
  try {
    await navigator.clipboard.writeText(source.textContent);
    notice(t("do.copied"));
  } catch {
    getSelection().selectAllChildren(source);
    notice(t("do.copy_by_hand"));
  }
});

for (const radio of document.querySelectorAll("input[name=source]")) {
  radio.addEventListener("change", () => {
    for (const part of radio.form.querySelectorAll("div[data-source]")) part.hidden = part.dataset.source !== radio.value;
  });
}
dialogs();
