/** Where people write: the text and the files of the next message, kept for each conversation. */

import { Attachments } from "./attachments.js";
import { $, $$ } from "./dom.js";
import { keep, kept } from "./kept.js";
import { t } from "./texts.js";

export class Composer {
  #ready = false; // to be sent as soon as its files are up

  /** `does` has send(text, files), stop(), editLast() and running(). */
  constructor(form, does) {
    this.form = form;
    this.does = does;
    this.field = $("textarea", form);
    this.button = $(".send", form);
    this.attachments = new Attachments($(".chips", form), () => this.#changed());
    this.id = null;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.field.addEventListener("input", () => this.#changed());
    this.field.addEventListener("keydown", (event) => this.#key(event));
    this.field.addEventListener("paste", (event) => {
      if (event.clipboardData.files.length) {
        event.preventDefault();
        this.attachments.add(event.clipboardData.files);
      }
    });
    const picker = $("input[type=file]", form);
    $(".attach", form).addEventListener("click", () => picker.click());
    picker.addEventListener("change", () => {
      this.attachments.add(picker.files);
      picker.value = "";
      this.field.focus();
    });
  }

  open(id) {
    this.id = null;
    const draft = kept(`draft.${id}`, { text: "", files: [] });
    this.field.value = draft.text;
    this.attachments.open(draft.files);
    this.id = id;
    this.#ready = false;
    this.draw();
  }

  /** Put text into the field, before what is there. */
  fill(text, files = []) {
    this.field.value = this.field.value ? `${text}\n${this.field.value}` : text;
    if (files.length) this.attachments.open([...this.attachments.done, ...files]);
    this.#changed();
    this.field.focus();
  }

  get blank() {
    return !this.field.value.trim() && !this.attachments.all.length;
  }

  #changed() {
    if (this.id === null) return;
    const draft = { text: this.field.value, files: this.attachments.done };
    keep(`draft.${this.id}`, draft.text || draft.files.length ? draft : null);
    this.draw();
    if (this.#ready && !this.attachments.busy) this.#submit();
  }

  /** Show the button that makes sense now. */
  draw() {
    const stops = this.does.running() && this.blank;
    this.form.classList.toggle("stops", stops);
    this.button.disabled = this.blank && !stops;
    const label = t(stops ? "stop" : "send");
    this.button.setAttribute("aria-label", label);
    this.button.title = label;
    // Where the browser cannot do it by itself (field-sizing), the field grows with its text.
    if (!CSS.supports("field-sizing", "content")) {
      this.field.style.height = "auto";
      this.field.style.height = `${this.field.scrollHeight}px`;
    }
  }

  #submit() {
    if (this.blank) {
      if (this.does.running()) this.does.stop();
      return;
    }
    if (this.attachments.busy) {
      this.#ready = true;
      return;
    }
    this.#ready = false;
    const files = this.attachments.done;
    if (!this.field.value.trim() && !files.length) return;
    this.does.send(this.field.value.trim(), files);
    this.field.value = "";
    this.attachments.open([]);
    this.#changed();
    this.field.focus();
  }

  #key(event) {
    // While Korean letters are put together, Enter belongs to the input method (229 is Safari's way to say so).
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      if (!this.blank) this.#submit();
    } else if (event.key === "ArrowUp" && !this.field.value && !event.shiftKey) {
      event.preventDefault();
      this.does.editLast();
    }
  }
}

/** Take files that are dropped anywhere on the page. */
export function acceptDrops(overlay, take) {
  let depth = 0;
  const files = (event) => event.dataTransfer?.types.includes("Files");
  const show = (yes) => overlay.classList.toggle("shown", yes);
  addEventListener("dragenter", (event) => {
    if (!files(event)) return;
    event.preventDefault();
    depth += 1;
    show(true);
  });
  addEventListener("dragover", (event) => files(event) && event.preventDefault());
  addEventListener("dragleave", (event) => {
    if (!files(event)) return;
    depth -= 1;
    show(depth > 0);
  });
  addEventListener("drop", (event) => {
    if (!files(event)) return;
    event.preventDefault();
    depth = 0;
    show(false);
    if (!$$("dialog[open]").length) take(event.dataTransfer.files);
  });
}
