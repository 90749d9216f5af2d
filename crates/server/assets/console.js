// What the console does beside what pages do: copying, and parts that stay up to date.
"use strict";
document.documentElement.classList.add("js");

// A button copies the field that it names.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  const text = field.value ?? field.textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Over http there is no clipboard: the field is selected, for the keyboard.
    field.select();
    if (!document.execCommand("copy")) return;
  }
  const before = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = before; }, 2000);
});

// Choosing in a form that only filters is enough.
document.addEventListener("change", (event) => {
  if (event.target.matches("select[data-submit]")) event.target.form.requestSubmit();
});

// A page with live parts asks for itself again and again. The server answers as soon as something is
// different (RFC 7240, "wait"), so this works in a tab in the background too.
const parts = () => [...document.querySelectorAll("[data-live]")];
const say = (text) => {
  const region = document.getElementById("announcement");
  if (region && text && region.textContent !== text) region.textContent = text;
};
const mark = (text, paused) => {
  for (const one of document.querySelectorAll(".live")) {
    one.textContent = text;
    one.classList.toggle("paused", paused);
  }
};

const swap = (page) => {
  const focused = document.activeElement;
  for (const part of parts()) {
    const fresh = page.getElementById(part.id);
    if (!fresh || fresh.innerHTML === part.innerHTML) continue;
    // What someone is typing into is left alone.
    if (part.contains(focused) && focused.matches("input:not([readonly]), textarea, select")) continue;
    const open = [...part.querySelectorAll("details[id]")].map((one) => [one.id, one.open, one.dataset.state]);
    const id = part.contains(focused) ? focused.id : "";
    part.innerHTML = fresh.innerHTML;
    for (const [name, isOpen, state] of open) {
      const one = document.getElementById(name);
      if (one && one.dataset.state === state) one.open = isOpen;
    }
    if (id) document.getElementById(id)?.focus();
  }
  document.title = page.title;
  say(page.querySelector("[data-say]")?.dataset.say);
};

const watch = async () => {
  let version = "";
  let failures = 0;
  for (;;) {
    try {
      const headers = { Prefer: "wait=6" };
      if (version) headers["If-None-Match"] = version;
      const answer = await fetch(document.body.dataset.source || location.href, { headers, cache: "no-store" });
      if (answer.redirected || (!answer.ok && answer.status !== 304)) throw new Error(String(answer.status));
      if (answer.status === 200) {
        version = answer.headers.get("ETag") || "";
        swap(new DOMParser().parseFromString(await answer.text(), "text/html"));
      }
      failures = 0;
      mark("Live", false);
    } catch {
      failures += 1;
      if (failures === 1) mark("Paused since " + new Date().toISOString().slice(11, 16) + " UTC", true);
      await new Promise((resume) => { setTimeout(resume, 5000); });
    }
  }
};
if (parts().length > 0) watch();
