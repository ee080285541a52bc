/** The one booking that the link in a mail opens. */

import { ask } from "./asking.js";
import { attempt, el, main, told } from "./building.js";
import * as bookings from "./bookings.js";
import * as waiting from "./waiting.js";
import { say, speak } from "./words.js";

const { locale, slug } = document.documentElement.dataset;
await speak(locale);
const api = `/manage/${location.pathname.split("/").at(-1)}`;
const problem = el("p", { role: "alert", class: "problem" });
const place = el("div", {}, el("p", {}, say("loading")));
const portal = (text, more = {}) => el("a", { href: `/portal/${slug}`, ...more }, text);
main.append(told, problem, place, el("p", {}, portal(say("to_bookings"))));
await attempt(show, problem);
if (problem.textContent) place.replaceChildren();

async function show() {
  const seen = await ask("GET", api);
  const around = { api, changed: () => attempt(show, problem) };
  if (seen.kind === "waitlist_entry") place.replaceChildren(waiting.card(seen, around));
  else {
    // Which classes there are is for who is signed in.
    const instead =
      seen.kind === "place" ? portal(say("move_signed_in"), { class: "button" }) : undefined;
    place.replaceChildren(bookings.card(seen, { ...around, instead }));
  }
}
