/** The files of the next message: sent to the server at once, shown as chips. */

import { Unreachable, upload } from "./api.js";
import { el, icon, iconButton } from "./dom.js";
import { bytes, t } from "./texts.js";

const RETRY = 1_500; // ms

export class Attachments {
  limits = { file: Infinity, files: Infinity };

  /** `changed` is called whenever the chips are different. */
  constructor(list, changed) {
    this.list = list;
    this.changed = changed;
    this.all = [];
  }

  /** Those that the server has. */
  get done() {
    return this.all.filter((file) => file.digest).map(({ digest, name, size, url, picture }) => ({ digest, name, size, url, picture }));
  }

  get busy() {
    return this.all.some((file) => file.sending);
  }

  /** Show what was kept of a draft. */
  open(files) {
    for (const file of this.all) this.#forget(file);
    this.all = files.map((file) => ({ ...file }));
    this.draw();
  }

  add(files) {
    for (const file of files) {
      const entry = { name: file.name || `${t("pasted")}.png`, size: file.size, sending: true, part: 0, abort: new AbortController() };
      if (file.type.startsWith("image/") && file.type !== "image/svg+xml") entry.preview = URL.createObjectURL(file);
      this.all.push(entry);
      if (this.all.length > this.limits.files) this.#refuse(entry, t("too_many_files", { limit: this.limits.files }));
      else if (file.size > this.limits.file) this.#refuse(entry, t("file_too_big", { limit: bytes(this.limits.file) }));
      else this.#send(entry, file);
    }
    this.draw();
    this.changed();
  }

  async #send(entry, file) {
    try {
      const kept = await upload(file, entry.name, (part) => this.#progress(entry, part), entry.abort.signal);
      Object.assign(entry, kept, { sending: false });
    } catch (error) {
      if (error instanceof Unreachable || error.passing) {
        entry.timer = setTimeout(() => this.#send(entry, file), RETRY);
        return;
      }
      this.#refuse(entry, error.message);
    }
    this.draw();
    this.changed();
  }

  #refuse(entry, problem) {
    Object.assign(entry, { sending: false, problem });
  }

  #progress(entry, part) {
    entry.part = part;
    entry.bar?.style.setProperty("--part", part);
  }

  #forget(entry) {
    entry.abort?.abort();
    clearTimeout(entry.timer);
    if (entry.preview) URL.revokeObjectURL(entry.preview);
  }

  #remove(entry) {
    this.#forget(entry);
    this.all = this.all.filter((other) => other !== entry);
    this.draw();
    this.changed();
  }

  draw() {
    this.list.hidden = !this.all.length;
    this.list.replaceChildren(...this.all.map((entry) => this.#chip(entry)));
  }

  #chip(entry) {
    const source = entry.preview ?? (entry.picture ? entry.url : null);
    const image = source && el("img", { src: source, alt: "" });
    image?.addEventListener("error", () => image.replaceWith(icon("file")));
    entry.bar = el("span", { class: "progress", role: "progressbar", "aria-label": t("uploading") });
    entry.bar.style.setProperty("--part", entry.part ?? 0);
    return el(
      "li",
      { class: `chip${entry.problem ? " bad" : ""}${entry.sending ? " sending" : ""}` },
      el("span", { class: "thumb" }, image || icon(entry.problem ? "alert" : "file")),
      el(
        "span",
        { class: "about" },
        el("span", { class: "file-name", text: entry.name }),
        el("span", { class: "file-size", text: entry.problem || bytes(entry.size), role: entry.problem ? "alert" : null }),
      ),
      iconButton("close", t("remove_file", { name: entry.name }), () => this.#remove(entry)),
      entry.sending && entry.bar,
    );
  }
}
