/** Puts the page together: what is told by the server, what the person does, and where it shows. */

import * as api from "./api.js";
import { Assistants } from "./assistants.js";
import { Composer, acceptDrops } from "./composer.js";
import { Conversation } from "./conversation.js";
import { asked, confirmed, showKeys, showSettings } from "./dialogs.js";
import { $, $$ } from "./dom.js";
import { Follow } from "./follow.js";
import { keep, kept, randomId } from "./kept.js";
import { Outbox } from "./outbox.js";
import { Sidebar } from "./sidebar.js";
import { Stream } from "./stream.js";
import { LANGUAGES, apply, language, onLanguage, setLanguage, setTexts, t } from "./texts.js";

const LOST_AFTER = 900; // ms without a connection before anybody needs to know
const TOLD = 6_000; // ms that a problem is shown

const page = {
  me: "",
  problem,
  announce,
  resync: () => stream.now(),
  changed: draw,
  takeBack,
};

/** What has just happened, for a screen reader. */
function announce(text) {
  $("#announcer").textContent = text;
}

let problemTimer = 0;

function problem(text) {
  const box = $("#problem");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(problemTimer);
  problemTimer = setTimeout(() => {
    box.hidden = true;
  }, TOLD);
}

// -- the parts ----------------------------------------------------------------------------------

const outbox = new Outbox(() => conversation.pending());
page.outbox = outbox;
const conversation = new Conversation($("#turns"), page);
const follow = new Follow($(".scroller"), $(".column"), $("#jump"));
const composer = new Composer($("#composer"), {
  send,
  stop: () => conversation.stop(),
  editLast: () => conversation.editLast(),
  running: () => Boolean(conversation.running),
});
const assistants = new Assistants({
  choose: (name) => order("assistant", name),
  send: (text) => send(text, []),
});
const sidebar = new Sidebar($("#sidebar"), (id) => {
  go(id);
  composer.field.focus();
});
const stream = new Stream({
  connected,
  everything(told) {
    if (told.conversation !== conversation.id) return;
    page.me = told.me;
    sidebar.everything(told.conversations);
    conversation.everything(told);
    assistants.look(told.conversation);
    outbox.hurry();
    draw();
    settle();
    document.body.classList.remove("loading");
  },
  turns(told) {
    conversation.turns(told);
    draw();
  },
  text: (change) => conversation.text(change),
  notice(notice) {
    conversation.notice(notice);
    assistants.look(conversation.id); // it may be the answer to a choice
    draw();
  },
  conversations(change) {
    sidebar.change(change);
    draw();
  },
});

let lostTimer = 0;

function connected(yes) {
  clearTimeout(lostTimer);
  if (yes) document.body.classList.remove("offline");
  else lostTimer = setTimeout(() => document.body.classList.add("offline"), LOST_AFTER);
}

// -- where we are -------------------------------------------------------------------------------

const idInAddress = () => /^\/c\/([\w-]{1,64})$/.exec(location.pathname)?.[1] ?? null;

/** A conversation that nobody has written in yet has a name only in this tab. */
function freshId() {
  const id = sessionStorage.getItem("maru.fresh") ?? randomId();
  sessionStorage.setItem("maru.fresh", id);
  return id;
}

function go(id, { push = true } = {}) {
  const address = id ? `/c/${id}` : "/";
  if (push && location.pathname !== address) history.pushState(null, "", address);
  const place = id ?? freshId();
  sidebar.show(false);
  sidebar.current(place);
  if (place !== conversation.id) {
    document.body.classList.add("loading");
    conversation.open(place);
    composer.open(place);
    stream.watch(place);
  }
  draw();
  settle();
}

/** Show the newest text, or the welcome from its beginning. */
function settle() {
  if (conversation.empty) follow.rest();
  else follow.jump();
}

addEventListener("popstate", () => go(idInAddress(), { push: false }));

function draw() {
  const title = sidebar.title(conversation.id);
  const empty = conversation.empty && (conversation.loaded || !idInAddress());
  document.body.classList.toggle("empty", empty);
  $("#title").textContent = title || (empty ? "" : t("untitled"));
  document.title = title ? `${title} · Maru` : "Maru";
  $("#more").disabled = !sidebar.has(conversation.id);
  composer.draw();
  if (document.hidden && !conversation.running && conversation.wasRunning) document.title = `● ${document.title}`;
  conversation.wasRunning = Boolean(conversation.running);
}

document.addEventListener("visibilitychange", () => {
  sidebar.draw();
  draw();
});

// -- what people do -----------------------------------------------------------------------------

function send(text, files) {
  const id = conversation.id;
  if (!idInAddress()) {
    sessionStorage.removeItem("maru.fresh");
    history.replaceState(null, "", `/c/${id}`);
  }
  outbox.add({ key: randomId(), conversation: id, text, files, name: api.ownName() });
  announce(t("announce_sent"));
  draw();
  follow.jump();
}

function takeBack(entry) {
  outbox.drop(entry.key);
  composer.fill(entry.text, entry.files);
}

async function order(name, argument) {
  try {
    await api.command(conversation.id, randomId(), name, argument);
  } catch (error) {
    problem(error.message);
  }
}

const MENU = {
  async rename() {
    const title = await asked(t("rename"), sidebar.title(conversation.id), t("save"));
    if (title) await api.rename(conversation.id, title).catch((error) => problem(error.message));
  },
  async reset() {
    if (await confirmed(t("reset_title"), t("reset_text"), t("reset"))) await order("reset");
  },
  async forget() {
    if (await confirmed(t("forget_title"), t("forget_text"), t("forget"))) await order("forget");
  },
  help: () => order("help"),
};

for (const item of $$("#menu button")) {
  item.addEventListener("click", () => {
    $("#menu").hidePopover();
    MENU[item.dataset.does]();
  });
}
$("#menu").addEventListener("keydown", (event) => {
  const items = $$("#menu button");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
});
$("#menu").addEventListener("toggle", (event) => event.newState === "open" && $("#menu button").focus());

function drawName() {
  const name = api.ownName();
  $("#me .name").textContent = name || t("set_name");
  $("#me .initial").textContent = [...(name || "?")][0].toUpperCase();
  $("#greeting").textContent = name ? t("greeting_name", { name }) : t("greeting");
  $("#who").hidden = Boolean(name);
}

function setName(name) {
  keep("name", name);
  drawName();
}

$("#me").addEventListener("click", () =>
  showSettings(
    { name: api.ownName(), language: language(), languages: LANGUAGES, theme: kept("theme", "auto") },
    { name: setName, language: setLanguage, theme: setTheme },
  ),
);
$("#who").addEventListener("submit", (event) => {
  event.preventDefault();
  setName($("#who input").value.trim().slice(0, 60));
  composer.field.focus();
});

function setTheme(theme) {
  keep("theme", theme);
  document.documentElement.dataset.theme = theme;
}


$("#open-sidebar").addEventListener("click", () => sidebar.show(true));
acceptDrops($("#drop"), (files) => {
  composer.attachments.add(files);
  composer.field.focus();
});

const writing = (node) => node.closest?.("input, textarea, [contenteditable]");

addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229 || event.defaultPrevented || $("dialog[open]")) return;
  const command = event.ctrlKey || event.metaKey;
  if (command && event.key.toLowerCase() === "k") sidebar.find();
  else if (event.altKey && event.code === "KeyN") {
    go(null);
    composer.field.focus();
  } else if (event.key === "Escape") {
    if (document.body.classList.contains("drawer")) sidebar.show(false);
    else if (!conversation.stop()) return;
  } else if (command || event.altKey || writing(event.target)) return;
  else if (event.key === "/") composer.field.focus();
  else if (event.key === "?") showKeys();
  else return;
  event.preventDefault();
});

onLanguage(() => {
  drawName();
  assistants.draw();
  sidebar.draw();
  conversation.relabel();
  composer.attachments.draw();
  draw();
});

// -- begin --------------------------------------------------------------------------------------

async function begin() {
  setTheme(kept("theme", "auto"));
  for (let wait = 300; ; wait = Math.min(wait * 2, 4_000)) {
    try {
      const me = await api.call("GET", "/api/me");
      page.me = me.person;
      composer.attachments.limits = me.limits;
      setTexts(me.texts);
      break;
    } catch (error) {
      if (error instanceof api.Refused && error.status === 401) return;
      connected(false);
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
  apply();
  drawName();
  document.body.classList.remove("beginning");
  go(idInAddress(), { push: false });
  if (matchMedia("(hover: hover)").matches) composer.field.focus();
}

begin();
