/** The turns of the open conversation, in order, with what is still on its way below them. */

import { Answer } from "./answer.js";
import * as api from "./api.js";
import { confirmed } from "./dialogs.js";
import { el } from "./dom.js";
import { PersonMessage, pendingMessage } from "./message.js";
import { t } from "./texts.js";

export class Conversation {
  #turns = new Map(); // id -> { record, node, messages, answer }
  #notices = new Map(); // id -> { notice, node }
  #pending = [];

  /** `page` has me, outbox, problem(text), announce(text), resync() and changed(). */
  constructor(root, page) {
    this.root = root;
    this.page = page;
    this.id = null;
    this.earlierButton = el("button", { type: "button", class: "button earlier", "data-text": "earlier", onclick: () => this.#earlier() });
    this.root.before(this.earlierButton);
    this.earlierButton.hidden = true;
  }

  open(id) {
    this.id = id;
    this.#turns.clear();
    this.#notices.clear();
    this.root.replaceChildren();
    this.earlierButton.hidden = true;
    this.loaded = false;
    this.pending();
  }

  get empty() {
    return !this.#turns.size && !this.#pending.length;
  }

  #ordered() {
    return [...this.#turns.values()].sort((one, other) => one.record.id - other.record.id);
  }

  /** The turn that is being answered now, if any. */
  get running() {
    return this.#ordered().find((turn) => !turn.answer.finished);
  }

  // -- what the server tells ------------------------------------------------------------------

  everything({ turns, earlier, notices }) {
    const ids = new Set(turns.map((turn) => turn.id));
    for (const [id, turn] of this.#turns) if (!ids.has(id)) this.#remove(id, turn);
    turns.forEach((turn) => this.#put(turn));
    this.earlierButton.hidden = !earlier;
    for (const { node } of this.#notices.values()) node.remove();
    this.#notices.clear();
    notices.forEach((notice) => this.notice(notice));
    this.loaded = true;
    // The server has what it took, even if it is deleted by now.
    for (const entry of this.page.outbox.of(this.id)) if (entry.taken) this.page.outbox.drop(entry.key);
    this.#arrange();
  }

  turns({ first, order, turns }) {
    const known = new Set(order);
    for (const [id, turn] of this.#turns) if (id >= first && !known.has(id)) this.#remove(id, turn);
    turns.forEach((turn) => this.#put(turn));
    this.#arrange();
  }

  text(change) {
    const turn = this.#turns.get(change.turn);
    if (!turn) return;
    const before = turn.answer.finished;
    if (!turn.answer.apply(change)) this.page.resync();
    if (!before && turn.answer.finished) this.page.announce(t("announce_done"));
    this.page.changed();
  }

  notice(notice) {
    const node = el("div", { class: "whisper prose", role: "status" });
    node.append(el("span", { class: "eyebrow", text: t("only_you") }), el("div", { html: notice.html }));
    this.#notices.set(notice.id, { notice, node });
    this.#arrange();
  }

  /** What is on its way, or could not be sent. */
  pending() {
    const entries = this.page.outbox.of(this.id);
    const keys = new Set(this.#ordered().flatMap((turn) => turn.record.messages.map((message) => message.key)));
    this.#pending = entries.filter((entry) => !keys.has(entry.key));
    for (const entry of entries) if (keys.has(entry.key) && entry.taken) queueMicrotask(() => this.page.outbox.drop(entry.key));
    for (const node of this.root.querySelectorAll(".pending")) node.remove();
    for (const entry of this.#pending) {
      this.root.append(
        pendingMessage(entry, {
          retry: () => this.page.outbox.retry(entry.key),
          drop: () => this.page.takeBack(entry),
        }),
      );
    }
    this.page.changed();
  }

  // -- drawing --------------------------------------------------------------------------------

  #put(record) {
    let turn = this.#turns.get(record.id);
    if (!turn) {
      const answer = new Answer({ me: () => this.page.me, press: (action, subject) => this.#press(record.id, action, subject) });
      turn = { record, answer, messages: new Map(), node: el("section", { class: "turn", "data-turn": record.id }) };
      turn.node.append(answer.node);
      this.#turns.set(record.id, turn);
    }
    const before = turn.answer.turn && turn.answer.finished;
    turn.record = record;
    turn.node.dataset.state = record.state;
    turn.answer.set(record);
    if (before === false && turn.answer.finished) this.page.announce(t("announce_done"));
  }

  #remove(id, turn) {
    turn.node.remove();
    this.#turns.delete(id);
  }

  #arrange() {
    let unfinished = false;
    let thread = 0;
    let place = null;
    const ordered = this.#ordered();
    const put = (node) => {
      const next = place ? place.nextSibling : this.root.firstChild;
      if (next !== node) this.root.insertBefore(node, next);
      place = node;
    };
    const notices = [...this.#notices.values()];
    notices.filter(({ notice }) => !ordered.some((turn) => turn.record.id <= notice.after)).forEach(({ node, notice }) => notice.after && put(node));
    ordered.forEach((turn, index) => {
      this.#messages(turn, index === ordered.length - 1);
      turn.answer.set({ ...turn.record, answer: null }, { queued: unfinished && !turn.answer.finished });
      unfinished ||= !turn.answer.finished;
      turn.node.classList.toggle("last", index === ordered.length - 1);
      turn.node.classList.toggle("fresh", Boolean(thread && turn.record.thread && turn.record.thread !== thread));
      if (turn.node.classList.contains("fresh")) turn.node.dataset.divider = t("new_start");
      thread = turn.record.thread || thread;
      put(turn.node);
      const next = ordered[index + 1]?.record.id ?? Infinity;
      notices.filter(({ notice }) => notice.after >= turn.record.id && notice.after < next).forEach(({ node }) => put(node));
    });
    notices.filter(({ notice }) => !notice.after).forEach(({ node }) => put(node));
    this.pending();
  }

  #messages(turn, last) {
    const { record, messages, node, answer } = turn;
    const ids = new Set(record.messages.map((message) => message.id));
    for (const [id, shown] of messages) {
      if (ids.has(id)) continue;
      shown.node.remove();
      messages.delete(id);
    }
    for (const message of record.messages) {
      let shown = messages.get(message.id);
      if (!shown) {
        shown = new PersonMessage({
          edit: (changed, text, again) => this.#edit(record.id, changed, text, again),
          remove: (removed) => this.#delete(removed),
        });
        messages.set(message.id, shown);
      }
      node.insertBefore(shown.node, answer.node);
      shown.set(message, { mine: message.author.id === this.page.me, again: last && record.last && answer.finished });
    }
  }

  /** Let the person change their last message. */
  editLast() {
    for (const turn of this.#ordered().reverse()) {
      const mine = [...turn.messages.values()].filter((message) => message.mine);
      if (mine.length) return mine.at(-1).edit();
    }
  }

  relabel() {
    for (const turn of this.#turns.values()) turn.answer.relabel();
    this.#arrange();
  }

  // -- what the person does -------------------------------------------------------------------

  /** Whether the server took it; what goes wrong is shown. */
  async #does(request) {
    try {
      await request;
      return true;
    } catch (error) {
      this.page.problem(error.message);
      return false;
    }
  }

  #press(turn, action, subject) {
    return this.#does(api.press(this.id, turn, action, subject));
  }

  stop() {
    const running = this.running;
    if (running) this.#press(running.record.id, "stop");
    return Boolean(running);
  }

  async #edit(turn, message, text, again) {
    if (!(await this.#does(api.editMessage(this.id, message.id, text)))) return false;
    return !again || (await this.#press(turn, "again"));
  }

  async #delete(message) {
    if (!(await confirmed(t("delete_title"), t("delete_text"), t("delete")))) return;
    await this.#does(api.deleteMessage(this.id, message.id));
  }

  async #earlier() {
    const first = this.#ordered()[0]?.record.id ?? 0;
    const scroller = this.root.closest(".scroller");
    try {
      const { turns, earlier } = await api.earlierTurns(this.id, first);
      const below = scroller.scrollHeight - scroller.scrollTop;
      turns.forEach((turn) => this.#put(turn));
      this.earlierButton.hidden = !earlier;
      this.#arrange();
      scroller.scrollTop = scroller.scrollHeight - below;
    } catch (error) {
      this.page.problem(error.message);
    }
  }
}

