/** One booking: what it is, until when it is free, and what can be done with it. */

import { ask, checkout, newKey } from "./asking.js";
import { action, el, question, tell } from "./building.js";
import { askWhenElse } from "./moving.js";
import { count, knows, list, moment, money, say, span } from "./words.js";

/**
 * `api` is where it is asked for; `changed` shows it anew; `instead` stands for moving where that
 * cannot be done here.
 */
export function card(booking, { api, changed, me, calendar, instead }) {
  const problem = el("p", { role: "alert", class: "problem" });
  const title = el("h3", { id: `title-${booking.id ?? "one"}` }, booking.title);
  const lines = [facts(booking, me), ...states(booking)].filter(Boolean);
  const acts = [];
  const about = { "aria-describedby": title.id };
  if (booking.pay_by && booking.pay_url) {
    const pay = async () => location.assign(await checkout(booking.pay_url));
    acts.push(action(toPay(booking), pay, problem, { class: "main", ...about }));
  }
  if (booking.may_move)
    acts.push(
      instead ?? action(say("move"), () => askWhenElse(booking, { api, changed }), problem, about),
    );
  if (booking.may_cancel)
    acts.push(action(say("cancel"), () => askWhether(booking, { api, changed }), problem, about));
  if (calendar && booking.may_cancel)
    acts.push(el("a", { class: "button", href: calendar, download: true }, say("calendar")));
  return el(
    "article",
    { id: booking.id, "aria-labelledby": title.id, class: booking.may_cancel ? "" : "over" },
    title,
    el("p", { class: "when" }, span(booking.starts_at, booking.ends_at, booking.time_zone)),
    lines.map((line) => el("p", {}, line)),
    problem,
    acts.length ? el("div", { class: "row" }, acts) : null,
  );
}

function facts(booking, me) {
  return [
    booking.with_name && say("with", { name: booking.with_name }),
    booking.room_name,
    booking.spot_label && say("spot", { label: booking.spot_label }),
    me && booking.attendee !== me && say("for", { name: booking.attendee }),
  ]
    .filter(Boolean)
    .join(" · ");
}

function* states(booking) {
  const zone = booking.time_zone;
  if (knows(`status_${booking.status}`)) yield el("strong", {}, say(`status_${booking.status}`));
  const ending = booking.ending;
  if (ending?.cancelled_by) yield say(`by_${ending.cancelled_by}`);
  if (ending?.reason) yield say("reason", { reason: ending.reason });
  if (ending && knows(`credit_${ending.credit}`)) yield say(`credit_${ending.credit}`);
  if (!booking.may_cancel) return;
  if (booking.pay_by) yield say("pay_by", { moment: moment(booking.pay_by, zone) });
  yield price(booking);
  const wish = booking.wished_move;
  if (wish)
    yield say(wish.not_held ? "wish_refused" : "wish_asked", {
      moment: moment(wish.starts_at, zone),
    });
}

const toPay = ({ pay_cents: cents, currency }) =>
  cents ? say("pay_money", { money: money(cents, currency) }) : say("pay");

/** Until when it is free to cancel, and what is lost after. */
function price(booking) {
  const stake = stakeOf(booking);
  const until = booking.free_until;
  const inTime = until && Date.now() <= new Date(until);
  const told = { stake, moment: until && moment(until, booking.time_zone) };
  if (!stake) return [say("free_always"), inTime && say("move_until", told)].filter(Boolean).join(" ");
  if (!until) return say("free_unknown");
  return say(inTime ? "free_until" : "free_over", told);
}

function stakeOf({ at_stake: { credits, deposit_cents: cents }, currency }) {
  const parts = [];
  if (credits) parts.push(count("stake_credits", credits));
  if (cents) parts.push(say("stake_paid", { money: money(cents, currency) }));
  return list(parts);
}

function askWhether(booking, { api, changed }) {
  const { title, version, starts_at: starts, time_zone: zone } = booking;
  const content = [el("p", {}, `${title}, ${moment(starts, zone)}`), el("p", {}, price(booking))];
  let body;
  let key = newKey();
  question(say("cancel_ask"), content, {
    yes: say("cancel_yes"),
    no: say("cancel_no"),
    work: async () => {
      try {
        await ask("POST", `${api}/cancel`, { body, version, key });
      } catch (refused) {
        // What one payment pays for goes as a whole, if that is what is meant.
        if (refused.problem?.type === "/problems/paid-together") {
          body = { whole_party: true };
          key = newKey();
        }
        throw refused;
      }
      return async () => {
        await changed();
        tell(say("cancelled", { title, moment: moment(starts, zone) }));
      };
    },
  });
}
