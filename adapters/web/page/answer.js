/** One answer: its text as it grows, its sources, files, questions and buttons. */

import { $, $$, copyText, el, fill, flash, icon, iconButton, morph } from "./dom.js";
import { showPassage, showPicture } from "./dialogs.js";
import { bytes, t } from "./texts.js";

const AROUND = ["activity", "closing", "code", "end", "files", "preview", "questions", "sources"];

export class Answer {
  #html = []; // of each block, as the server counts it
  #pressed = new Map(); // call -> decision of this person

  /** `does` has `press(action, subject)` and `me()`. */
  constructor(does) {
    this.does = does;
    this.turn = null;
    this.version = -1;
    this.blocks = el("div", { class: "blocks prose" });
    this.activity = el("p", { class: "activity" });
    this.closing = el("div", { class: "closing" });
    this.code = el("div", { class: "ran" });
    this.files = el("div", { class: "made" });
    this.questions = el("div", { class: "questions" });
    this.sources = el("div", { class: "sources" });
    this.tools = el("div", { class: "tools" });
    this.node = el(
      "article",
      { class: "answer" },
      el("h3", { class: "visually-hidden", "data-text": "maru" }),
      el("span", { class: "avatar", "aria-hidden": "true" }),
      el("div", { class: "said" }, this.blocks, this.code, this.files, this.closing, this.questions, this.activity, this.sources, this.tools),
    );
    this.blocks.addEventListener("click", (event) => this.#clicked(event));
  }

  /** Take over a turn as the server tells it; an answer that is left out is the one we follow. */
  set(turn, { queued = false } = {}) {
    this.turn = turn;
    this.queued = queued;
    if (turn.answer) {
      this.version = turn.answer.version;
      this.#html = turn.answer.blocks;
      this.#html.forEach((_, index) => this.#draw(index));
      this.#cut();
      this.around = Object.fromEntries(AROUND.map((name) => [name, turn.answer[name]]));
      this.reference = turn.answer.reference;
    }
    this.#drawAround();
  }

  /** Apply what is new. False when something in between was missed. */
  apply(change) {
    if (change.version !== this.version + 1) return false;
    this.version = change.version;
    for (const [index, keep, rest] of change.edits) {
      this.#html[index] = (this.#html[index] ?? "").slice(0, keep) + rest;
      this.#draw(index);
    }
    this.#html.length = change.count;
    this.#cut();
    for (const name of AROUND) if (name in change) this.around[name] = change[name];
    this.#drawAround();
    return true;
  }

  get finished() {
    return Boolean(this.around?.end);
  }

  get paused() {
    return this.turn.state === "paused" || (this.around.questions.length > 0 && !this.finished);
  }

  get running() {
    return !this.finished && !this.paused;
  }

  get text() {
    return this.blocks.innerText.trim();
  }

  #draw(index) {
    const block = this.blocks.children[index] ?? this.blocks.appendChild(el("div", { class: "block" }));
    if (block.shown === this.#html[index]) return;
    block.shown = this.#html[index];
    morph(block, this.#html[index]);
    for (const code of $$("pre.code", block)) this.#head(code);
  }

  #cut() {
    while (this.blocks.children.length > this.#html.length) this.blocks.lastChild.remove();
  }

  /** A head over a piece of code: its language, and a button that copies it. */
  #head(code) {
    const language = code.dataset.language;
    const before = code.previousElementSibling;
    if (before?.dataset.own) {
      if (before.firstChild.textContent !== language) before.firstChild.textContent = language;
      return;
    }
    const copy = el("button", { type: "button", class: "copy" }, icon("copy"), el("span", { text: t("copy") }));
    copy.addEventListener("click", async () => {
      await copyText(head.nextElementSibling.textContent);
      flash(copy, t("copied"));
    });
    const head = el("div", { class: "code-head", "data-own": "1" }, el("span", { text: language }), copy);
    code.before(head);
  }

  #clicked(event) {
    const mark = event.target.closest(".mark");
    const source = mark && this.around.sources[Number(mark.dataset.source) - 1];
    if (source) showPassage(source, mark);
  }

  #drawAround() {
    const { activity, closing, code, files, preview, questions, sources } = this.around;
    this.node.classList.toggle("running", this.running);
    this.node.classList.toggle("failed", this.around.end === "failed");
    this.node.setAttribute("aria-busy", String(this.running));
    const waiting = this.running && (activity || !this.#html.length);
    const doing = this.queued ? t("queued") : activity || t("thinking");
    const line = waiting ? doing : "";
    if (this.activity.textContent !== line) this.activity.textContent = line;
    this.node.classList.toggle("writing", this.running && !waiting);
    this.#once("closing", closing, () => fill(this.closing, ...closing.map((html) => el("div", { class: "notice prose", html }))));
    this.#once("code", [code, t("show_code")], () => this.#drawCode(code));
    this.#once("files", [files, preview], () => fill(this.files, ...files.map(made), preview && unfinished(preview)));
    // While the text grows the marks in it are enough; the list would only be pushed down.
    const listed = this.running ? [] : sources;
    this.#once("sources", [listed, t("sources")], () => this.#drawSources(listed));
    this.#once("questions", [questions, [...this.#pressed], this.turn.state, t("approve")], () => this.#drawQuestions(questions));
    for (const mark of $$(".mark:not([title])", this.blocks)) {
      const source = sources[Number(mark.dataset.source) - 1];
      if (source) {
        mark.title = [source.title, source.place].filter(Boolean).join(" · ");
        mark.setAttribute("aria-label", t("source_label", { number: source.number, title: mark.title }));
      }
    }
    const { feedback, last, outdated } = this.turn;
    this.#once("tools", [this.finished, this.running, feedback, last, outdated, t("again")], () => this.#drawTools());
  }

  #drawn = {};

  /** Draw a part only when what it shows is different, so that nothing loses its focus. */
  #once(part, content, draw) {
    const key = JSON.stringify(content);
    if (this.#drawn[part] === key) return;
    this.#drawn[part] = key;
    draw();
  }

  /** What Python was run, folded away; a fold that somebody opened stays open. */
  #drawCode(code) {
    if (!code.length) return fill(this.code);
    const open = Boolean($("details", this.code)?.open);
    fill(
      this.code,
      el("details", { open }, el("summary", { text: t("show_code") }), ...code.map((html) => el("div", { class: "prose", html }))),
    );
    for (const pre of $$("pre.code", this.code)) this.#head(pre);
  }

  #drawSources(sources) {
    if (!sources.length) return fill(this.sources);
    fill(
      this.sources,
      el("h4", { text: t("sources") }),
      el(
        "ol",
        {},
        ...sources.map((source) =>
          el(
            "li",
            {},
            el(
              "button",
              { type: "button", class: "source", onclick: (event) => showPassage(source, event.currentTarget) },
              el("span", { class: "number", text: source.number }),
              el("span", { class: "title", text: source.title }),
              source.place && el("span", { class: "place", text: source.place }),
            ),
          ),
        ),
      ),
    );
  }

  #drawQuestions(questions) {
    fill(
      this.questions,
      ...questions.map((question) => {
        const mine = !question.deciders.length || question.deciders.includes(this.does.me());
        const decided = this.#pressed.get(question.call);
        const decide = (action) => async () => {
          this.#pressed.set(question.call, action);
          this.#drawAround();
          if (!(await this.does.press(action, question.call))) {
            this.#pressed.delete(question.call);
            this.#drawAround();
          }
        };
        return el(
          "section",
          { class: "question", "aria-label": question.text },
          el("p", { class: "asked", text: question.text }),
          question.arguments && question.arguments !== "{}" && el("pre", { class: "arguments", text: question.arguments }),
          decided
            ? el("p", { class: "decided", text: t(decided === "approve" ? "approved" : "declined") })
            : el(
                "div",
                { class: "decide" },
                el("button", { type: "button", class: "button primary", text: t("approve"), onclick: decide("approve") }),
                el("button", { type: "button", class: "button", text: t("decline"), onclick: decide("decline") }),
                !mine && el("span", { class: "hint", text: t("not_your_decision") }),
              ),
        );
      }),
    );
  }

  #drawTools() {
    const { feedback, last, outdated } = this.turn;
    if (!this.finished) return fill(this.tools);
    const vote = (value) =>
      iconButton(value, t(value), () => this.does.press(value), { "aria-pressed": String(feedback === value) });
    fill(
      this.tools,
      this.#html.length > 0 && iconButton("copy", t("copy_answer"), async (event) => {
        const button = event.currentTarget;
        await copyText(this.text);
        flash(button, t("copied"));
      }),
      vote("helpful"),
      vote("unhelpful"),
      last && iconButton("again", t("again"), () => this.does.press("again")),
      outdated && el("span", { class: "outdated", text: t("outdated") }),
      el("span", { class: "reference", text: this.reference, title: t("reference") }),
    );
  }

  /** The language of the page is another one. */
  relabel() {
    $("h3", this.node).textContent = t("maru");
    for (const copy of $$(".copy span", this.node)) copy.textContent = t("copy");
    for (const mark of $$(".mark", this.blocks)) mark.removeAttribute("title");
    this.#drawAround();
  }
}

/** A file that came out: a picture is seen, everything else is fetched. */
export function made(file) {
  if (file.picture) return picture(file);
  return el(
    "a",
    { class: "file", href: file.url, download: file.name },
    el("span", { class: "file-icon" }, icon("download")),
    el("span", { class: "file-name", text: file.name }),
    el("span", { class: "file-size", text: bytes(file.size) }),
  );
}

/** A picture that is still being drawn. What is being done is said beside it, so it says nothing itself. */
function unfinished(file) {
  return el("span", { class: "picture unfinished" }, el("img", { src: file.url, alt: "", decoding: "async" }));
}

export function picture(file) {
  const image = el("img", { src: file.url, alt: file.alt ?? file.name, loading: "lazy", decoding: "async" });
  return el(
    "button",
    { type: "button", class: "picture", "aria-label": t("open_picture", { name: file.name }), onclick: () => showPicture(file) },
    image,
  );
}

