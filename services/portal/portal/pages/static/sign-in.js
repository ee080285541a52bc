/** What fetches or opens links in mails signs nobody in: that takes a click. */

import { ask } from "./asking.js";
import { action, attempt, el, main } from "./building.js";
import { linkForm } from "./asking_for_link.js";
import { knows, say, speak } from "./words.js";

const { locale, slug, business } = document.documentElement.dataset;
await speak(locale);
addEventListener("hashchange", () => location.reload());
const token = new URLSearchParams(location.hash.slice(1)).get("token");
if (token) offer();
else main.append(linkForm(slug));

function offer() {
  const kept = el("input", { type: "checkbox" });
  const problem = el("p", { role: "alert", class: "problem" });
  const go = action(say("sign_in"), enter, problem, { class: "main" });
  const asked = el(
    "div",
    {},
    el("p", {}, say("sign_in_ask", { business })),
    el("label", { class: "check" }, kept, say("keep_signed_in")),
    go,
  );
  main.append(asked, problem);

  async function enter() {
    let opened;
    try {
      const body = { token, keep_signed_in: kept.checked };
      opened = await ask("POST", "/session", { body });
    } catch (refused) {
      if (![404, 410, 422].includes(refused.status)) throw refused;
      const why = `link_${refused.problem.because}`;
      const said = el("p", { role: "alert", class: "problem" });
      asked.replaceWith(said, linkForm(slug));
      said.textContent = say(knows(why) ? why : "link_unknown");
      // Without the token, which is good for nothing any more.
      history.replaceState(null, "", location.pathname + location.search);
      return;
    }
    location.replace(opened.return_path ?? `/portal/${opened.business.slug}`);
  }
}
