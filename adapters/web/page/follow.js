/** Keeps the newest text in sight, unless the person reads further up. */

const NEAR = 48; // px from the bottom that count as at the bottom

export class Follow {
  #following = true;

  constructor(scroller, content, button) {
    this.scroller = scroller;
    this.button = button;
    scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    button.addEventListener("click", () => this.jump(true));
    const observer = new ResizeObserver(() => this.#grown());
    observer.observe(content);
    observer.observe(scroller);
  }

  /** Go to the newest text and stay there. */
  jump(smooth = false) {
    this.#following = true;
    const calm = !smooth || matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: calm ? "instant" : "smooth" });
    this.#draw();
  }

  /** Begin at the top, where nothing has been said yet. */
  rest() {
    this.#following = false;
    this.scroller.scrollTop = 0;
    this.#draw();
  }

  get #near() {
    return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight < NEAR;
  }

  #scrolled() {
    const up = this.scroller.scrollTop < (this.last ?? 0);
    this.last = this.scroller.scrollTop;
    // On the way down after `jump` nothing has to be near yet.
    if (this.#near) this.#following = true;
    else if (up) this.#following = false;
    this.#draw();
  }

  #grown() {
    if (this.#following) this.scroller.scrollTop = this.scroller.scrollHeight;
    this.#draw();
  }

  #draw() {
    this.button.hidden = this.#near || this.#following;
  }
}
