/** Calls to the server. */

import { kept } from "./kept.js";
import { language, t } from "./texts.js";

/** The server answered, and said no; the message is a sentence for the person. */
export class Refused extends Error {
  constructor(status, text) {
    super(text);
    this.status = status;
  }

  /** Whether the same request may be answered otherwise later. */
  get passing() {
    return this.status >= 500 || this.status === 429;
  }
}

/** The server cannot be reached. */
export class Unreachable extends Error {}

export async function call(method, path, content) {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: { "Accept-Language": language(), ...(content === undefined ? {} : { "Content-Type": "application/json" }) },
      body: content === undefined ? undefined : JSON.stringify(content),
    });
  } catch {
    throw new Unreachable(t("unreachable"));
  }
  return await understood(response.status, () => response.json());
}

async function understood(status, json) {
  const answer = await Promise.resolve()
    .then(json)
    .catch(() => ({}));
  if (status === 401) location.assign("/login");
  if (status < 200 || status > 299) throw new Refused(status, answer.text ?? t("unreachable"));
  return answer;
}

/** Send a file. `progress` is told the part that is sent; `signal` ends it. */
export function upload(file, name, progress, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/api/files?name=${encodeURIComponent(name)}`);
    request.setRequestHeader("Accept-Language", language());
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    request.onload = () => resolve(understood(request.status, () => JSON.parse(request.responseText)));
    request.onerror = () => reject(new Unreachable(t("unreachable")));
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

export const ownName = () => kept("name", "");

const place = (conversation) => `/api/conversations/${conversation}`;

export const press = (conversation, turn, action, subject = "") =>
  call("POST", `${place(conversation)}/turns/${turn}/${action}`, { name: ownName(), subject });
export const command = (conversation, key, name, argument = "") =>
  call("POST", `${place(conversation)}/commands`, { key, command: name, argument, name: ownName() });
export const assistant = (conversation) => call("GET", `${place(conversation)}/assistant`);
export const rename = (conversation, title) => call("PUT", place(conversation), { title });
export const sendMessage = (conversation, message) => call("POST", `${place(conversation)}/messages`, message);
export const editMessage = (conversation, message, text) =>
  call("PUT", `${place(conversation)}/messages/${message}`, { text, name: ownName() });
export const deleteMessage = (conversation, message) => call("DELETE", `${place(conversation)}/messages/${message}`);
export const earlierTurns = (conversation, before) => call("GET", `${place(conversation)}/turns?before=${before}`);
