/** What the server tells about one conversation, for as long as the page is looked at. */

const SILENCE = 40_000; // ms without a sign of life: the connection is dead even if nobody says so
const FIRST_WAIT = 400; // ms before the second try
const LONGEST_WAIT = 5_000;
const HIDDEN = 30_000; // ms in the background after which the connection is given back to the browser
const EVENTS = ["everything", "turns", "text", "notice", "conversations", "beat"];

export class Stream {
  #source = null;
  #conversation = null;
  #wait = FIRST_WAIT;
  #timers = {};

  /** `on` has a function for each event, and `connected(yes)`. */
  constructor(on) {
    this.on = on;
    document.addEventListener("visibilitychange", () => this.#visibility());
    addEventListener("online", () => this.now());
    addEventListener("pageshow", (event) => event.persisted && this.now());
  }

  watch(conversation) {
    this.#conversation = conversation;
    this.#wait = FIRST_WAIT;
    this.now();
  }

  /** Connect anew; the server then tells everything again. */
  now() {
    this.#end();
    if (this.#conversation === null) return;
    const source = new EventSource(`/api/events?conversation=${this.#conversation}`);
    this.#source = source;
    for (const name of EVENTS) {
      source.addEventListener(name, (event) => {
        this.#alive();
        if (name === "everything") {
          this.#wait = FIRST_WAIT;
          this.on.connected(true);
        }
        this.on[name]?.(JSON.parse(event.data));
      });
    }
    source.onerror = () => this.#lost();
    this.#alive();
  }

  #alive() {
    clearTimeout(this.#timers.silence);
    this.#timers.silence = setTimeout(() => this.#lost(), SILENCE);
  }

  #lost() {
    this.#end();
    this.on.connected(false);
    this.#timers.retry = setTimeout(() => this.now(), this.#wait);
    this.#wait = Math.min(this.#wait * 1.6, LONGEST_WAIT);
  }

  #end() {
    clearTimeout(this.#timers.silence);
    clearTimeout(this.#timers.retry);
    this.#source?.close();
    this.#source = null;
  }

  // Browsers open only a few connections to one server: pages that nobody looks at must not hold them.
  #visibility() {
    clearTimeout(this.#timers.hidden);
    if (document.hidden) this.#timers.hidden = setTimeout(() => this.#end(), HIDDEN);
    else if (this.#source === null) this.now();
  }
}
