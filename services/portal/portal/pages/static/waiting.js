/** One place in a queue. */

import { ask, newKey } from "./asking.js";
import { action, el, question, tell } from "./building.js";
import { knows, moment, say, span } from "./words.js";

export function card(entry, { api, changed }) {
  const problem = el("p", { role: "alert", class: "problem" });
  const { title, starts_at: starts, time_zone: zone, status } = entry;
  const told = { title, moment: moment(starts, zone) };
  const does = (what, said) => {
    const key = newKey();
    return async () => {
      await ask("POST", `${api}/${what}`, { key });
      await changed();
      tell(say(said, told));
    };
  };
  const acts = [];
  if (status === "offered") {
    acts.push(action(say("accept"), does("accept", "accepted"), problem, { class: "main" }));
    acts.push(action(say("decline"), does("decline", "declined"), problem));
  }
  if (status === "waiting") acts.push(action(say("leave"), () => askWhether(entry, does), problem));
  const heading = el("h3", { id: `title-${entry.id ?? "one"}` }, title);
  return el(
    "article",
    { id: entry.id, "aria-labelledby": heading.id },
    heading,
    el("p", { class: "when" }, span(starts, entry.ends_at, zone)),
    [...states(entry)].map((line) => el("p", {}, line)),
    problem,
    acts.length ? el("div", { class: "row" }, acts) : null,
  );
}

function* states({ status, position, offer_expires_at: until, time_zone: zone, skip_reason: why }) {
  if (status === "promoted") yield say("queue_promoted");
  else if (status === "offered" && until) yield say("offered", { moment: moment(until, zone) });
  else if (status !== "waiting" && status !== "offered") yield say("queue_over");
  else if (position) yield say("position", { n: position });
  if (status === "waiting" && knows(`skip_${why}`)) yield say(`skip_${why}`);
}

function askWhether({ title, starts_at: starts, time_zone: zone }, does) {
  const leave = does("leave", "left");
  question(say("leave_ask"), [el("p", {}, `${title}, ${moment(starts, zone)}`)], {
    yes: say("leave_yes"),
    no: say("cancel_no"),
    work: leave,
  });
}
