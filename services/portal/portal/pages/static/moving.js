/** To when else: free times of an appointment, or classes of a place. */

import { ask, newKey } from "./asking.js";
import { attempt, el, question, tell } from "./building.js";
import { clock, count, dayOf, isoDay, moment, say } from "./words.js";

const DAYS = 7;

export function askWhenElse(booking, { api, changed }) {
  const { title, version, time_zone: zone } = booking;
  const choices = el("div", { class: "choices", "aria-live": "polite" });
  const today = isoDay(Date.now(), zone);
  const wanted = isoDay(booking.starts_at, zone);
  const from = el("input", {
    type: "date",
    min: today,
    value: wanted > today ? wanted : today,
    onchange: () => look(),
  });
  const later = el(
    "button",
    { type: "button", onclick: () => ((from.value = plus(from.value, DAYS)), look()) },
    say("move_later"),
  );
  const content = [el("label", {}, say("move_from"), from), choices, later];
  const keys = {};
  const { agree, problem } = question(say("move_ask"), content, {
    yes: say("move_yes"),
    no: say("move_no"),
    work: async () => {
      const chosen = choices.querySelector("input:checked").value;
      const key = (keys[chosen] ??= newKey());
      const place = booking.kind === "place";
      const body = place ? { session_id: chosen } : { starts_at: chosen };
      const moved = await ask("POST", `${api}/reschedule`, { body, version, key });
      return async () => {
        await changed();
        tell(outcome(moved, title, zone));
      };
    },
  });
  agree.disabled = true;
  choices.addEventListener("change", () => (agree.disabled = false));

  let looks = 0;
  async function look() {
    const mine = (looks += 1);
    agree.disabled = true;
    choices.replaceChildren(el("p", {}, say("loading")));
    if (!from.value) from.value = today;
    const found = [];
    await attempt(async () => found.push(...(await optionsOf(booking, api, from.value))), problem);
    // Who changes the day quickly sees the last one, whichever answer comes last.
    if (mine === looks) choices.replaceChildren(...byDay(found, zone));
  }
  look();
}

async function optionsOf(booking, api, from) {
  const range = { from, to: plus(from, DAYS - 1) };
  if (booking.kind === "place") {
    const { sessions } = await ask("GET", `/classes?${new URLSearchParams(range)}`);
    return sessions.filter((one) => one.free > 0 && !one.mine && costsAsMuch(one, booking)).map(ofClass);
  }
  const asked = new URLSearchParams({ ...range, ...(booking.staff_id && { staff_id: booking.staff_id }) });
  const { slots } = await ask("GET", `${api}/slots?${asked}`);
  return slots
    .filter((one) => one.starts_at !== booking.starts_at)
    .map((one) => ({ value: one.starts_at, starts_at: one.starts_at }));
}

function costsAsMuch(session, booking) {
  return booking.credits
    ? session.credit_cost === booking.credits
    : session.price_cents === booking.price_cents;
}

function ofClass({ id, starts_at, name, instructor_name: by, free }) {
  const what = [name, by && say("with", { name: by }), count("places", free)];
  return { value: id, starts_at, text: what.filter(Boolean).join(" · ") };
}

function byDay(options, zone) {
  if (!options.length) return [el("p", {}, say("move_none"))];
  const days = new Map();
  for (const one of options) {
    const day = dayOf(one.starts_at, zone);
    days.set(day, [...(days.get(day) ?? []), one]);
  }
  return [...days].map(([day, times]) =>
    el("fieldset", {}, el("legend", {}, day), times.map((one) => choice(one, zone))),
  );
}

function choice({ value, starts_at: at, text }, zone) {
  const told = [clock(at, zone), text].filter(Boolean).join(" ");
  return el("label", {}, el("input", { type: "radio", name: "when", value }), el("span", {}, told));
}

function outcome(moved, title, zone) {
  const wish = moved.wished_move;
  if (wish && !wish.not_held) return say("move_asked", { moment: moment(wish.starts_at, zone) });
  return say("moved", { title, moment: moment(moved.starts_at, zone) });
}

/** Of calendar days, whatever the clocks do. */
function plus(date, days) {
  const day = new Date(`${date}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + days);
  return day.toISOString().slice(0, 10);
}
