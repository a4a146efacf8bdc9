/** Messages on their way: kept in the browser until the server says that it has them. */

import { Unreachable, sendMessage } from "./api.js";
import { keep, kept } from "./kept.js";

const FIRST_WAIT = 700; // ms
const LONGEST_WAIT = 8_000;

export class Outbox {
  #busy = false;
  #wait = FIRST_WAIT;
  #timer = 0;

  /** `changed` is called whenever what is on its way is different. */
  constructor(changed) {
    this.changed = changed;
    addEventListener("storage", (event) => event.key === "maru.outbox" && changed());
    addEventListener("online", () => this.hurry());
  }

  get all() {
    return kept("outbox", []);
  }

  of(conversation) {
    return this.all.filter((entry) => entry.conversation === conversation);
  }

  add(entry) {
    this.#store([...this.all, entry]);
    this.hurry();
  }

  drop(key) {
    if (this.all.some((entry) => entry.key === key)) this.#store(this.all.filter((entry) => entry.key !== key));
  }

  /** Try again now. */
  hurry() {
    clearTimeout(this.#timer);
    this.#wait = FIRST_WAIT;
    this.#run();
  }

  retry(key) {
    this.#update(key, { problem: "" });
    this.hurry();
  }

  #store(entries) {
    keep("outbox", entries);
    this.changed();
  }

  #update(key, change) {
    this.#store(this.all.map((entry) => (entry.key === key ? { ...entry, ...change } : entry)));
  }

  // One at a time and in order, so that two messages never overtake each other.
  async #run() {
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let entry = this.#next(); entry; entry = this.#next()) await this.#send(entry);
    } catch {
      this.#timer = setTimeout(() => this.#run(), this.#wait);
      this.#wait = Math.min(this.#wait * 1.7, LONGEST_WAIT);
    } finally {
      this.#busy = false;
    }
  }

  #next() {
    return this.all.find((entry) => !entry.problem && !entry.taken);
  }

  async #send({ conversation, key, text, name, files }) {
    try {
      const receipt = await sendMessage(conversation, { key, text, name, files });
      // A command is answered at once and is no message that would come back.
      if (receipt.message) this.#update(key, { taken: true });
      else this.drop(key);
    } catch (error) {
      if (error instanceof Unreachable || error.passing) throw error;
      this.#update(key, { problem: error.message });
    }
  }
}
