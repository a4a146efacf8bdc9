/** The form that asks for the token. */

const language = navigator.language?.toLowerCase().startsWith("ko") ? "ko" : "en";
const LOST = { en: "Maru cannot be reached right now.", ko: "지금은 마루에 연결할 수 없어요." };

document.documentElement.lang = language;
for (const node of document.querySelectorAll("[data-en]")) node.textContent = node.dataset[language];

const form = document.querySelector("form");
const field = document.querySelector("#token");
const button = document.querySelector("button");
const problem = document.querySelector("#problem");

// Nowhere but to a conversation of this page.
const next = /^\/c\/[\w-]{1,64}$/.exec(new URLSearchParams(location.search).get("next"))?.[0] ?? "/";

// After a link from elsewhere the browser withholds our cookie once, so the page may be open already.
fetch("/api/me").then((answer) => answer.ok && location.replace(next));

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  button.disabled = true;
  problem.textContent = "";
  try {
    const answer = await fetch("/api/login", {
      method: "POST",
      headers: { "Content-Type": "application/json", "Accept-Language": language },
      body: JSON.stringify({ token: field.value }),
    });
    if (answer.ok) {
      location.replace(next);
      return;
    }
    problem.textContent = (await answer.json()).text ?? LOST[language];
  } catch {
    problem.textContent = LOST[language];
  }
  button.disabled = false;
  field.select();
});
