/** One message of a person: its bubble, files, and the buttons of its author. */

import { el, fill, icon, iconButton } from "./dom.js";
import { picture } from "./answer.js";
import { bytes, clockTime, t } from "./texts.js";

export class PersonMessage {
  #drawn = "";

  /** `does` has `me()`, `edit(message, text)` and `remove(message)`. */
  constructor(does) {
    this.does = does;
    this.node = el("article", { class: "message" });
    this.editing = false;
  }

  set(message, { mine, again }) {
    this.message = message;
    this.again = again;
    this.mine = mine;
    const key = JSON.stringify([message, mine, t("edit")]);
    if (this.editing || key === this.#drawn) return;
    this.#drawn = key;
    this.#draw();
  }

  #draw() {
    const { message, mine } = this;
    this.node.classList.toggle("mine", mine);
    const time = el("time", { datetime: new Date(message.sent_at * 1000).toISOString(), text: clockTime(message.sent_at) });
    fill(
      this.node,
      el("h3", { class: mine ? "visually-hidden" : "author", text: mine ? t("you") : message.author.name }),
      files(message.files),
      message.text && el("div", { class: "bubble prose", html: message.html }),
      el(
        "div",
        { class: "tools" },
        time,
        mine && iconButton("edit", t("edit"), () => this.edit()),
        mine && iconButton("trash", t("delete"), () => this.does.remove(message)),
      ),
    );
  }

  /** Turn the bubble into a field. */
  edit() {
    if (this.editing || !this.mine) return;
    this.editing = true;
    const field = el("textarea", { "aria-label": t("edit"), rows: 1 });
    field.value = this.message.text;
    const done = () => {
      this.editing = false;
      this.#drawn = "";
      this.set(this.message, this);
    };
    const save = async () => {
      const text = field.value.trim();
      if (text && text !== this.message.text && !(await this.does.edit(this.message, text, this.again))) return;
      done();
    };
    field.addEventListener("keydown", (event) => {
      if (event.isComposing || event.keyCode === 229) return;
      if (event.key === "Enter" && !event.shiftKey) {
        event.preventDefault();
        save();
      } else if (event.key === "Escape") {
        event.preventDefault();
        event.stopPropagation();
        done();
      }
    });
    fill(
      this.node,
      el(
        "div",
        { class: "editor" },
        field,
        el("p", { class: "hint", text: this.again ? t("edit_again_hint") : t("edit_hint") }),
        el(
          "div",
          { class: "actions" },
          el("button", { type: "button", class: "button", text: t("cancel"), onclick: done }),
          el("button", { type: "button", class: "button primary", text: this.again ? t("save_again") : t("save"), onclick: save }),
        ),
      ),
    );
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  }
}

/** A message that the server does not have yet. */
export function pendingMessage(entry, { retry, drop }) {
  return el(
    "article",
    { class: `message mine pending${entry.problem ? " refused" : ""}`, "data-key": entry.key },
    el("h3", { class: "visually-hidden", text: t("you") }),
    files(entry.files),
    entry.text && el("div", { class: "bubble plain", text: entry.text }),
    entry.problem
      ? el(
          "div",
          { class: "problem", role: "alert" },
          icon("alert"),
          el("span", { text: entry.problem }),
          el("button", { type: "button", class: "link", text: t("retry"), onclick: retry }),
          el("button", { type: "button", class: "link", text: t("take_back"), onclick: drop }),
        )
      : el("div", { class: "tools" }, el("span", { class: "sending", text: t("sending") })),
  );
}

function files(all) {
  if (!all.length) return null;
  return el(
    "div",
    { class: "files" },
    ...all.map((file) =>
      file.picture
        ? picture(file)
        : el(
            file.url ? "a" : "span",
            { class: `file${file.problem ? " bad" : ""}`, href: file.url || null, download: file.url ? file.name : null },
            el("span", { class: "file-icon" }, icon(file.problem ? "alert" : "file")),
            el("span", { class: "file-name", text: file.name }),
            el("span", { class: "file-size", text: bytes(file.size) }),
          ),
    ),
  );
}

