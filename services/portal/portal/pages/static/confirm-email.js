/** A new address is confirmed by a click of whoever reads its mails, and by no program. */

import { ask } from "./asking.js";
import { action, el, main, tell, told } from "./building.js";
import { knows, say, speak } from "./words.js";

const { locale, slug, business } = document.documentElement.dataset;
await speak(locale);
addEventListener("hashchange", () => location.reload());
const token = new URLSearchParams(location.hash.slice(1)).get("token");
const onward = el("p", {}, el("a", { href: `/portal/${slug}` }, say("to_bookings")));
main.append(told);
if (token) offer();
else conclude(say("change_unknown"));

function offer() {
  const problem = el("p", { role: "alert", class: "problem" });
  const asked = el("p", {}, say("confirm_ask", { business }));
  const go = action(say("confirm"), confirm, problem, { class: "main" });
  main.append(asked, go, problem);

  async function confirm() {
    let said;
    try {
      const { email } = await ask("POST", "/profile/email-changes/confirm", { body: { token } });
      said = say("confirmed", { email });
    } catch (refused) {
      if (![404, 410, 422].includes(refused.status)) throw refused;
      const why = `change_${refused.problem.because}`;
      said = say(knows(why) ? why : "change_unknown");
    }
    for (const one of [asked, go, problem]) one.remove();
    history.replaceState(null, "", location.pathname);
    conclude(said);
  }
}

function conclude(said) {
  main.append(onward);
  tell(said);
}
