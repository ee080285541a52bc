/** The form for a link by mail: it says the same of every address. */

import { ask } from "./asking.js";
import { attempt, el } from "./building.js";
import { say } from "./words.js";

const RETURN = /^\/(portal|book)\/[a-z0-9-]+(\/[a-z0-9-]+){0,2}$/;

export function linkForm(slug) {
  const email = el("input", { type: "email", autocomplete: "email", required: true, maxlength: "254" });
  const send = el("button", { class: "main" }, say("link_send"));
  const sent = el("p", { role: "status", class: "told" });
  const problem = el("p", { role: "alert", class: "problem" });
  return el(
    "form",
    {
      onsubmit: async (event) => {
        event.preventDefault();
        send.disabled = true;
        sent.textContent = "";
        const no = (refused) => (refused.status === 422 ? say("refused_email") : refused.words);
        await attempt(async () => (sent.textContent = await askFor(slug, email.value.trim())), problem, no);
        if (sent.textContent) send.textContent = say("link_again");
        send.disabled = false;
      },
    },
    el("p", {}, say("link_ask")),
    el("label", {}, say("email"), email),
    send,
    sent,
    problem,
  );
}

async function askFor(slug, email) {
  const wanted = new URLSearchParams(location.search).get("return") ?? "";
  const body = { email, ...(RETURN.test(wanted) && { return_path: wanted }) };
  const { lasts_minutes: minutes } = await ask("POST", `/${slug}/magic-links`, { body });
  return say("link_sent", { email, minutes });
}
