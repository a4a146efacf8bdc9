/** What stays in this browser: name, language, drafts, and messages on their way. */

const PREFIX = "maru.";
const memory = new Map(); // for a browser that keeps nothing, or has no room: it still chats

export function kept(name, otherwise = null) {
  if (memory.has(name)) return memory.get(name) ?? otherwise;
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

export function keep(name, value) {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, JSON.stringify(value));
    memory.delete(name);
  } catch {
    memory.set(name, value);
  }
}

export function randomId(bytes = 12) {
  const values = crypto.getRandomValues(new Uint8Array(bytes));
  return btoa(String.fromCharCode(...values)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
