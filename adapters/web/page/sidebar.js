/** The list of conversations. */

import { $, $$, el, fill } from "./dom.js";
import { keep, kept } from "./kept.js";
import { dayName, t } from "./texts.js";

const NARROW = matchMedia("(max-width: 800px)");

export class Sidebar {
  #all = new Map(); // id -> summary
  #current = "";

  /** `open(id)` is called for a conversation, with null for a new one. */
  constructor(root, open) {
    this.root = root;
    this.list = $(".list", root);
    this.search = $("input", root);
    this.backdrop = $(".backdrop");
    this.seen = kept("seen", {});
    $(".new", root).addEventListener("click", () => open(null));
    this.search.addEventListener("input", () => this.draw());
    this.search.addEventListener("keydown", (event) => this.#key(event));
    this.list.addEventListener("keydown", (event) => this.#key(event));
    this.list.addEventListener("click", (event) => {
      const link = event.target.closest("a");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      open(link.dataset.id);
    });
    this.backdrop.addEventListener("click", () => this.show(false));
    NARROW.addEventListener("change", () => this.show(false));
    this.show(false);
  }

  /** On a narrow screen the list slides in over the page. */
  show(yes) {
    document.body.classList.toggle("drawer", yes && NARROW.matches);
    this.root.inert = NARROW.matches && !yes;
    if (yes && NARROW.matches) $(".new", this.root).focus();
  }

  find() {
    this.show(true);
    this.search.focus();
    this.search.select();
  }

  everything(conversations) {
    this.#all = new Map(conversations.map((summary) => [summary.id, summary]));
    this.draw();
  }

  change({ changed, gone }) {
    for (const summary of changed) this.#all.set(summary.id, summary);
    for (const id of gone) this.#all.delete(id);
    this.draw();
  }

  current(id) {
    this.#current = id;
    this.draw();
  }

  title(id) {
    return this.#all.get(id)?.title ?? "";
  }

  has(id) {
    return this.#all.has(id);
  }

  #see() {
    const open = this.#all.get(this.#current);
    if (!open || document.hidden || this.seen[open.id] === open.updated_at) return;
    this.seen[open.id] = open.updated_at;
    for (const id of Object.keys(this.seen)) if (!this.#all.has(id)) delete this.seen[id];
    keep("seen", this.seen);
  }

  draw() {
    this.#see();
    const words = this.search.value.trim().toLowerCase();
    const shown = [...this.#all.values()]
      .filter((summary) => summary.title.toLowerCase().includes(words))
      .sort((one, other) => other.updated_at - one.updated_at);
    const focused = document.activeElement?.dataset?.id;
    const groups = Map.groupBy ? Map.groupBy(shown, (summary) => dayName(summary.updated_at)) : grouped(shown);
    fill(
      this.list,
      ...[...groups].map(([day, summaries]) =>
        el("section", {}, el("h2", { text: day }), el("ul", {}, ...summaries.map((summary) => el("li", {}, this.#link(summary))))),
      ),
      !shown.length && el("p", { class: "hint", text: t(words ? "nothing_found" : "no_conversations") }),
    );
    if (focused) $(`a[data-id="${focused}"]`, this.list)?.focus({ preventScroll: true });
  }

  #link(summary) {
    const current = summary.id === this.#current;
    const news = !current && summary.updated_at > (this.seen[summary.id] ?? 0);
    const title = summary.title || t("untitled");
    return el(
      "a",
      {
        href: `/c/${summary.id}`,
        "data-id": summary.id,
        "aria-current": current ? "page" : null,
        title,
        class: [summary.busy && "busy", news && "news"].filter(Boolean).join(" "),
      },
      el("span", { text: title }),
      summary.busy && el("span", { class: "dot", role: "img", "aria-label": t("busy") }),
      news && !summary.busy && el("span", { class: "dot", role: "img", "aria-label": t("news") }),
    );
  }

  #key(event) {
    if (event.isComposing) return;
    const links = $$("a", this.list);
    const index = links.indexOf(document.activeElement);
    if (event.key === "ArrowDown") links[Math.min(index + 1, links.length - 1)]?.focus();
    else if (event.key === "ArrowUp") (index > 0 ? links[index - 1] : this.search).focus();
    else if (event.key === "Enter" && event.target === this.search) links[0]?.click();
    else if (event.key === "Escape" && this.search.value) {
      this.search.value = "";
      this.draw();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

function grouped(summaries) {
  const groups = new Map();
  for (const summary of summaries) {
    const day = dayName(summary.updated_at);
    groups.set(day, [...(groups.get(day) ?? []), summary]);
  }
  return groups;
}
