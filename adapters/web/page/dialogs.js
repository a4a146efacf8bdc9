/** What opens over the page: a source's passage, a picture, settings, a question before something is lost. */

import { $, el, icon, iconButton } from "./dom.js";
import { t } from "./texts.js";

/** A dialog that goes away with Escape, its button, or a click beside it, and gives the focus back. */
function open(name, label, ...content) {
  const opener = document.activeElement;
  const close = iconButton("close", t("close"), () => dialog.close(), { class: "icon-button close" });
  const dialog = el("dialog", { class: name, "aria-label": label }, el("div", { class: "sheet" }, ...content, close));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => {
    dialog.remove();
    opener?.focus?.({ preventScroll: true });
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

export function showPassage(source) {
  open(
    "passage",
    source.title,
    el("p", { class: "eyebrow", text: t("source_number", { number: source.number }) }),
    el("h2", { text: source.title }),
    source.place && el("p", { class: "place", text: source.place }),
    el("blockquote", source.passage ? { class: "prose", html: source.passage } : { class: "hint", text: t("no_passage") }),
    source.url &&
      el(
        "a",
        { class: "button", href: source.url, target: "_blank", rel: "noopener noreferrer nofollow" },
        icon("link"),
        t("open_source"),
      ),
  );
}

export function showPicture(file) {
  open(
    "viewer",
    file.name,
    el("img", { src: file.url, alt: file.alt ?? file.name }),
    el(
      "p",
      { class: "caption" },
      el("span", { text: file.name }),
      el("a", { class: "button", href: file.url, download: file.name }, icon("download"), t("download")),
    ),
  );
}

/** Ask before something is lost. Resolves to whether to go on. */
export function confirmed(title, text, action) {
  return new Promise((resolve) => {
    const dialog = open(
      "confirm",
      title,
      el("h2", { text: title }),
      el("p", { text }),
      el(
        "div",
        { class: "actions" },
        el("button", { type: "button", class: "button", text: t("cancel"), onclick: () => dialog.close() }),
        el("button", {
          type: "button",
          class: "button danger",
          text: action,
          autofocus: true,
          onclick: () => {
            dialog.returnValue = "yes";
            dialog.close("yes");
          },
        }),
      ),
    );
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"));
  });
}

/** Ask for a line of text. Resolves to it, or to null. */
export function asked(title, value, action, { hint = "", maximum = 80 } = {}) {
  return new Promise((resolve) => {
    const field = el("input", { type: "text", maxlength: maximum, "aria-label": title, autofocus: true });
    field.value = value;
    let answer = null;
    const form = el(
      "form",
      {
        method: "dialog",
        onsubmit: () => {
          answer = field.value.trim();
        },
      },
      el("h2", { text: title }),
      hint && el("p", { class: "hint", text: hint }),
      field,
      el(
        "div",
        { class: "actions" },
        el("button", { type: "button", class: "button", text: t("cancel"), onclick: () => dialog.close() }),
        el("button", { type: "submit", class: "button primary", text: action }),
      ),
    );
    const dialog = open("ask", title, form);
    field.select();
    dialog.addEventListener("close", () => resolve(answer));
  });
}

const KEYS = [
  ["Enter", "key_send"],
  ["Shift Enter", "key_line"],
  ["↑", "key_edit"],
  ["Esc", "key_stop"],
  ["/", "key_write"],
  ["Ctrl K", "key_search"],
  ["Alt N", "key_new"],
  ["?", "key_help"],
];

export function showKeys() {
  const mac = /Mac|iPhone|iPad/.test(navigator.platform);
  open(
    "keys",
    t("keys"),
    el("h2", { text: t("keys") }),
    el(
      "dl",
      {},
      ...KEYS.flatMap(([keys, text]) => [
        el("dt", {}, ...keys.split(" ").map((key) => el("kbd", { text: mac && key === "Ctrl" ? "⌘" : key }))),
        el("dd", { text: t(text) }),
      ]),
    ),
  );
}

/** A choice of a few, of which one is taken. */
function choice(label, options, value, chosen) {
  const name = label.replaceAll(" ", "");
  return el(
    "fieldset",
    { class: "choice" },
    el("legend", { text: label }),
    el(
      "div",
      { class: "segments" },
      ...options.map(([key, text]) =>
        el(
          "label",
          {},
          el("input", { type: "radio", name, value: key, checked: key === value, onchange: () => chosen(key) }),
          el("span", { text }),
        ),
      ),
    ),
  );
}

/** `is` has name, language, languages and theme; `set` a function for each. */
export function showSettings(is, set) {
  const name = el("input", { type: "text", id: "name", maxlength: 60, autocomplete: "name", placeholder: t("name_placeholder") });
  name.value = is.name;
  name.addEventListener("input", () => set.name(name.value.trim()));
  const dialog = open(
    "settings",
    t("settings"),
    el("h2", { text: t("settings") }),
    el("form", { method: "dialog" }, el("label", { for: "name", text: t("your_name") }), name, el("p", { class: "hint", text: t("name_hint") })),
    choice(t("language"), Object.entries(is.languages), is.language, (value) => {
      set.language(value);
      dialog.close();
      showSettings({ ...is, name: name.value, language: value }, set);
    }),
    choice(
      t("theme"),
      ["auto", "light", "dark"].map((value) => [value, t(`theme_${value}`)]),
      is.theme,
      (value) => {
        is.theme = value;
        set.theme(value);
      },
    ),
    el("button", { type: "button", class: "button quiet", onclick: showKeys }, icon("keyboard"), t("keys")),
  );
  return $("input", dialog);
}
