/** What the page says, in the person's language. */

import { $$ } from "./dom.js";
import { keep, kept } from "./kept.js";

export const LANGUAGES = { en: "English", ko: "한국어" };
let texts = { en: {}, ko: {} };
let current = kept("language") ?? (navigator.language?.toLowerCase().startsWith("ko") ? "ko" : "en");
const listeners = [];

export const language = () => current;

export function setTexts(all) {
  texts = all;
  apply();
}

export function setLanguage(name) {
  current = name;
  keep("language", name);
  apply();
  for (const listener of listeners) listener();
}

export function onLanguage(listener) {
  listeners.push(listener);
}

/** A sentence, with its places filled in. */
export function t(key, values = {}) {
  const text = texts[current][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
}

/** Fill in everything in the document that names a text. */
export function apply(root = document) {
  document.documentElement.lang = current;
  for (const node of $$("[data-text]", root)) node.textContent = t(node.dataset.text);
  for (const node of $$("[data-label]", root)) {
    node.setAttribute("aria-label", t(node.dataset.label));
    if (node.tagName === "BUTTON" || node.tagName === "A") node.title = t(node.dataset.label);
  }
  for (const node of $$("[data-placeholder]", root)) node.placeholder = t(node.dataset.placeholder);
}

const DAY = 86_400_000;

/** How long ago, in words that a list can be grouped by. */
export function dayName(seconds) {
  const midnight = new Date().setHours(0, 0, 0, 0);
  const time = seconds * 1000;
  if (time >= midnight) return t("today");
  if (time >= midnight - DAY) return t("yesterday");
  if (time >= midnight - 6 * DAY) return t("week");
  return new Intl.DateTimeFormat(current, { year: "numeric", month: "long" }).format(time);
}

export function clockTime(seconds) {
  const date = new Date(seconds * 1000);
  const today = date.toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat(current, today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" }).format(date);
}

export function bytes(size) {
  const units = ["B", "KB", "MB", "GB"];
  let unit = 0;
  for (; size >= 1000 && unit < 3; unit += 1) size /= 1000;
  return `${size < 10 && unit ? size.toFixed(1) : Math.round(size)} ${units[unit]}`;
}
