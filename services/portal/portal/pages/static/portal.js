/** All that a signed-in client has here. */

import { ask, Refused } from "./asking.js";
import { action, attempt, el, entitle, main, told } from "./building.js";
import * as bookings from "./bookings.js";
import { packageCard, receiptLine } from "./money.js";
import * as waiting from "./waiting.js";
import { say, speak } from "./words.js";

const HEARD_MS = 2000;
const { locale, slug } = document.documentElement.dataset;
await speak(locale);
const session = await enter();
if (session) await show();

/** One browser has one session: that of another studio is none here. */
async function enter() {
  const problem = el("p", { role: "alert", class: "problem" });
  main.append(problem);
  let found;
  await attempt(async () => (found = await orLeave(() => ask("GET", "/session"))), problem);
  if (found && found.business.slug !== slug) return leave();
  return found;
}

async function orLeave(work) {
  try {
    return await work();
  } catch (refused) {
    if (!(refused instanceof Refused) || refused.status !== 401) throw refused;
    return leave();
  }
}

function leave() {
  const here = location.pathname;
  const back = here === `/portal/${slug}` ? "" : `?return=${encodeURIComponent(here)}`;
  location.replace(`/portal/${slug}/sign-in${back}`);
}

async function show() {
  await speak(session.customer.locale, session.business.locale);
  entitle("my_bookings");
  const problem = el("p", { role: "alert", class: "problem" });
  const out = action(say("sign_out"), signOut, problem);
  const who = el("p", { class: "who" }, say("signed_in_as", { name: session.customer.name }), " ", out);
  const parts = {
    bookings: section("bookings", "upcoming"),
    waitlist: section("waitlist", "waiting_for"),
    packages: section("packages", "packages"),
    receipts: section("receipts", "receipts"),
  };
  const past = el("div", {});
  const former = el("details", { id: "past", ontoggle: () => former.open && showPast() });
  former.append(el("summary", {}, say("past")), past);
  main.append(who, problem, told, ...Object.values(parts).map((part) => part.whole), former);
  await refresh();
  const wanted = location.pathname.split("/").slice(3).reverse();
  wanted.map((id) => document.getElementById(id)).find(Boolean)?.scrollIntoView();

  async function refresh() {
    await Promise.all([
      fill(parts.bookings, "/bookings", around("bookings"), bookings.card, "no_upcoming"),
      fill(parts.waitlist, "/waitlist", around("waitlist"), waiting.card),
      account(),
      former.open && showPast(),
    ]);
  }

  function account() {
    const ours = () => session.business;
    return Promise.all([
      fill(parts.packages, "/packages", ours, packageCard, "no_packages"),
      fill(parts.receipts, "/receipts", ours, receiptLine, "no_receipts"),
    ]);
  }

  /** What it did to credits and money is heard a moment later. */
  async function changed() {
    await refresh();
    setTimeout(account, HEARD_MS);
  }

  function around(noun) {
    return (one) => ({ api: `/${noun}/${one.id}`, changed, ...mine(one) });
  }

  function showPast() {
    const place = { whole: past, content: past };
    return fill(place, "/bookings?when=past", around("bookings"), bookings.card, "no_past");
  }

  async function signOut() {
    await orLeave(async () => {
      await ask("DELETE", "/session");
      leave();
    });
  }
}

function mine(one) {
  const calendar = `/api/portal/bookings/${one.id}/calendar.ics`;
  return { me: session.customer.name, calendar };
}

function section(id, heading) {
  const content = el("div", {}, el("p", {}, say("loading")));
  const whole = el("section", { id, "aria-labelledby": `${id}-heading` });
  whole.append(el("h2", { id: `${id}-heading` }, say(heading)), content);
  return { whole, content };
}

/** A part that is not to be had leaves the others as they are. */
async function fill({ whole, content }, path, around, card, none) {
  const problem = el("p", { role: "alert", class: "problem" });
  await attempt(async () => {
    const page = await orLeave(() => ask("GET", path));
    if (!page) return;
    content.replaceChildren(...page.items.map((one) => card(one, around(one))));
    whole.hidden = !page.items.length && !none;
    if (!page.items.length && none) content.append(el("p", {}, say(none)));
    if (page.next_cursor) content.append(further(path, page.next_cursor, around, card));
  }, problem);
  if (problem.textContent) content.replaceChildren(problem);
}

function further(path, cursor, around, card) {
  const problem = el("p", { role: "alert", class: "problem" });
  const more = action(
    say("more"),
    async () => {
      const next = `${path}${path.includes("?") ? "&" : "?"}${new URLSearchParams({ cursor })}`;
      const page = await orLeave(() => ask("GET", next));
      if (!page) return;
      more.before(...page.items.map((one) => card(one, around(one))));
      if (page.next_cursor) more.before(further(path, page.next_cursor, around, card));
      more.remove();
    },
    problem,
  );
  return el("div", {}, more, problem);
}
