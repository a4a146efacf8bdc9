/** Small tools for the document: find, make, and change it without losing what is selected. */

// The one place where text becomes markup: only what the server rendered and sanitised comes here.
const policy = window.trustedTypes?.createPolicy("maru", { createHTML: (html) => html });
const markup = (html) => (policy ? policy.createHTML(html) : html);

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

/** An element. Properties that begin with "on" are listeners; `text`, `html` and `class` mean what they say. */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "text") node.textContent = value;
    else if (name === "html") setHtml(node, value);
    else if (name === "class") node.className = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...present(children));
  return node;
}

/** Make these the children of a node; what is not there is left out. */
export function fill(node, ...children) {
  node.replaceChildren(...present(children));
}

const present = (children) => children.filter((child) => child !== null && child !== undefined && child !== false && child !== "");

export function setHtml(node, html) {
  node.innerHTML = markup(html);
}

const ICONS = {
  plus: "M12 5v14M5 12h14",
  attach: "M20 11.5 12.2 19.3a5 5 0 0 1-7.1-7.1l8.2-8.2a3.4 3.4 0 0 1 4.8 4.8l-8.2 8.2a1.7 1.7 0 0 1-2.4-2.4l7.2-7.2",
  send: "M12 19V5M5.5 11.5 12 5l6.5 6.5",
  stop: "M8 8h8v8H8z",
  copy: "M9 9h10v10H9zM5 15V5h10",
  check: "m5 12.5 4.5 4.5L19 7.5",
  again: "M4 12a8 8 0 0 1 13.7-5.6L20 8.5M20 4v4.5h-4.5M20 12a8 8 0 0 1-13.7 5.6L4 15.5M4 20v-4.5h4.5",
  helpful: "M7 10.5 11 3c1.4 0 2.3 1.1 2 2.6L12.4 9H18a2 2 0 0 1 2 2.4l-1.2 6A2 2 0 0 1 16.8 19H7M7 10.5V19H4v-8.5z",
  unhelpful: "M17 13.5 13 21c-1.4 0-2.3-1.1-2-2.6l.6-3.4H6a2 2 0 0 1-2-2.4l1.2-6A2 2 0 0 1 7.2 5H17M17 13.5V5h3v8.5z",
  edit: "m4 20 .8-3.7L16 5.1a1.8 1.8 0 0 1 2.6 0l.3.3a1.8 1.8 0 0 1 0 2.6L7.7 19.2z",
  trash: "M4 7h16M9.5 7V4.5h5V7M6.5 7l.9 12.5h9.2L17.5 7M10.3 11v5M13.7 11v5",
  menu: "M4 7h16M4 12h16M4 17h16",
  more: "M5.5 12h.01M12 12h.01M18.5 12h.01",
  close: "M6 6l12 12M18 6 6 18",
  down: "M12 5v14M5.5 12.5 12 19l6.5-6.5",
  search: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5 20 20",
  settings: "M4 7h9M17 7h3M4 17h3M11 17h9M15 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM9 19.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
  file: "M13.5 3.5h-7v17h11v-13zM13.5 3.5v4h4",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  link: "M9 15 15 9M10 6.5l1.5-1.5a4.2 4.2 0 0 1 6 6L16 12.5M14 17.5 12.5 19a4.2 4.2 0 0 1-6-6L8 11.5",
  reset: "M5 5v5h5M5.5 10a7.5 7.5 0 1 1-.9 5",
  lock: "M7 11V8a5 5 0 0 1 10 0v3M5.5 11h13v9h-13z",
  alert: "M12 4 3 19.5h18zM12 10v4.5M12 17h.01",
  keyboard: "M3.5 7h17v10h-17zM7 10.5h.01M10.3 10.5h.01M13.7 10.5h.01M17 10.5h.01M8 13.8h8",
};

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("icon");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** A button that shows an icon and says what it does to a screen reader and on hover. */
export function iconButton(name, label, onclick, extra = {}) {
  return el("button", { type: "button", class: "icon-button", "aria-label": label, title: label, onclick, ...extra }, icon(name));
}

/** Make the children of `node` those of `html`, keeping every node that can stay: what is selected stays selected. */
export function morph(node, html) {
  const wanted = document.createElement("template");
  wanted.innerHTML = markup(html);
  morphChildren(node, wanted.content);
}

function morphChildren(node, wanted) {
  const old = [...node.childNodes].filter((child) => !child.dataset?.own);
  const fresh = [...wanted.childNodes];
  fresh.forEach((child, index) => {
    const current = old[index];
    if (!current) node.append(child);
    else if (current.nodeType !== child.nodeType || current.nodeName !== child.nodeName) current.replaceWith(child);
    else if (current.nodeType === Node.TEXT_NODE) morphText(current, child.data);
    else morphElement(current, child);
  });
  for (const child of old.slice(fresh.length)) child.remove();
}

function morphText(node, text) {
  if (text === node.data) return;
  if (text.startsWith(node.data)) node.appendData(text.slice(node.data.length));
  else node.data = text;
}

function morphElement(node, wanted) {
  for (const { name, value } of wanted.attributes) {
    if (node.getAttribute(name) !== value) node.setAttribute(name, value);
  }
  for (const { name } of [...node.attributes]) {
    if (!wanted.hasAttribute(name) && name !== "aria-label" && name !== "title") node.removeAttribute(name);
  }
  morphChildren(node, wanted);
}

/** Copy, also where the browser has no clipboard for pages without TLS. */
export async function copyText(text) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const field = el("textarea", { class: "offscreen" });
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

/** A button that has just done its work says so for a moment. */
export function flash(button, label) {
  const before = [...button.childNodes];
  const name = button.getAttribute("aria-label");
  button.replaceChildren(icon("check"), ...before.filter((node) => node.nodeName === "SPAN").map(() => el("span", { text: label })));
  button.setAttribute("aria-label", label);
  button.disabled = true;
  setTimeout(() => {
    button.replaceChildren(...before);
    if (name) button.setAttribute("aria-label", name);
    else button.removeAttribute("aria-label");
    button.disabled = false;
  }, 1600);
}
