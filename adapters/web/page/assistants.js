/** Who answers in the open conversation: shown under the field, chosen from a menu, with questions to begin with. */

import * as api from "./api.js";
import { $, $$, el, fill, icon } from "./dom.js";
import { language, t } from "./texts.js";

const STEPS = { ArrowDown: 1, ArrowUp: -1 };

export class Assistants {
  #now = null; // what the server told of the conversation
  #drawn = ""; // what the menu shows

  /** `does` has choose(name) and send(text). */
  constructor(does) {
    this.does = does;
    this.button = $("#assistant");
    this.menu = $("#assistants");
    this.menu.addEventListener("toggle", (event) => this.#toggled(event.newState === "open"));
    this.menu.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Ask who answers in a conversation, and draw it. What cannot be asked now is asked again with the next news. */
  async look(conversation) {
    this.conversation = conversation;
    const told = await api.assistant(conversation).catch(() => null);
    if (!told || this.conversation !== conversation) return;
    this.#now = told;
    this.draw();
  }

  draw() {
    if (!this.#now) return;
    const { name, description, starters, pinned, choices } = this.#now;
    const several = choices.some((choice) => choice.name !== name);
    this.button.hidden = !several && !pinned;
    this.button.classList.toggle("pinned", pinned);
    $(".name", this.button).textContent = name;
    this.button.setAttribute("aria-label", pinned ? t("assistant_pinned", { name }) : t("assistant_now", { name }));
    this.button.title = pinned ? t("assistant_fixed") : t("assistants");
    $("#about").hidden = !several || !description;
    $("#about").textContent = `${name} – ${description}`;
    $("#invitation").textContent = t(starters.length ? "welcome" : "welcome_plain");
    this.#drawStarters(starters);
    this.#drawMenu();
  }

  /** What one could begin with, in the language of the page first. */
  #drawStarters(starters) {
    const foreign = (text) => /[가-힣]/.test(text) !== (language() === "ko");
    const sorted = [...starters].sort((one, other) => foreign(one) - foreign(other));
    fill(
      $("#starters"),
      ...sorted.map((text) => el("li", {}, el("button", { type: "button", text, onclick: () => this.does.send(text) }))),
    );
  }

  #drawMenu() {
    const { name, description, pinned, choices } = this.#now;
    const shown = pinned ? [{ name, description }] : choices;
    // An open menu that stays the same keeps the focus where it is.
    const drawn = JSON.stringify([language(), name, pinned, shown]);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    fill(
      this.menu,
      pinned && el("p", { class: "fixed" }, icon("lock"), el("span", { text: t("assistant_fixed") })),
      ...shown.map((choice) =>
        el(
          "button",
          {
            type: "button",
            role: "menuitemradio",
            "aria-checked": String(choice.name === name),
            "aria-disabled": pinned ? "true" : null,
            onclick: () => this.#chosen(choice.name),
          },
          el("span", { class: "title", text: choice.name }),
          choice.description && el("span", { class: "description", text: choice.description }),
          icon("check"),
        ),
      ),
    );
    if (this.menu.matches(":popover-open")) this.#focus();
  }

  #chosen(name) {
    this.menu.hidePopover();
    this.button.focus();
    if (!this.#now.pinned && name !== this.#now.name) this.does.choose(name);
  }

  #items() {
    return $$("[role=menuitemradio]", this.menu);
  }

  #focus() {
    const items = this.#items();
    (items.find((item) => item.getAttribute("aria-checked") === "true") ?? items[0])?.focus();
  }

  #toggled(open) {
    this.button.setAttribute("aria-expanded", String(open));
    if (!open) return;
    // Above the button, wherever the field has grown to.
    const { left, top } = this.button.getBoundingClientRect();
    const room = document.documentElement.clientWidth - this.menu.offsetWidth - 8;
    this.menu.style.left = `${Math.max(8, Math.min(left, room))}px`;
    this.menu.style.bottom = `${document.documentElement.clientHeight - top + 8}px`;
    this.menu.style.maxHeight = `${top - 16}px`;
    this.#focus();
    this.look(this.conversation); // files of assistants may have changed
  }

  #key(event) {
    const items = this.#items();
    const at = items.indexOf(document.activeElement);
    const ends = { Home: 0, End: items.length - 1 };
    if (event.key in STEPS) items[(at + STEPS[event.key] + items.length) % items.length].focus();
    else if (event.key in ends) items[ends[event.key]].focus();
    else return;
    event.preventDefault();
  }
}
