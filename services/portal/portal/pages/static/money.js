/** Packages and receipts. */

import { ask } from "./asking.js";
import { attempt, el } from "./building.js";
import { count, day, dayOf, knows, money, say } from "./words.js";

export function packageCard(one, { time_zone: zone }) {
  const heading = el("h3", { id: `title-${one.id}` }, one.name);
  const entries = el("ul", {});
  const problem = el("p", { role: "alert", class: "problem" });
  const ledger = el("details", { ontoggle: () => ledger.open && attempt(read, problem) });
  ledger.append(el("summary", {}, say("ledger")), entries, problem);
  return el(
    "article",
    { id: one.id, "aria-labelledby": heading.id },
    heading,
    el("p", {}, [balance(one), validity(one)].filter(Boolean).join(" · ")),
    knows(`package_${one.state}`) ? el("p", {}, el("strong", {}, say(`package_${one.state}`))) : null,
    ledger,
  );

  async function read() {
    const told = await ask("GET", `/packages/${one.id}/ledger`);
    const lines = told.entries.map((entry) => `${dayOf(entry.at, zone)}: ${entry.words}`);
    entries.replaceChildren(...lines.map((line) => el("li", {}, line)));
  }
}

const balance = (one) => count("balance", one.balance, { all: one.credits });

function validity(one) {
  if (one.expires_on) return say("until_day", { day: day(one.expires_on) });
  return one.starts_on ? "" : say("from_first_use");
}

export function receiptLine(one, { time_zone: zone }) {
  const kind = one.kind === "refund" ? say("refund") : "";
  const amount = money(one.amount_cents, one.currency);
  const told = [dayOf(one.issued_at, zone), one.about, `${kind} ${amount}`.trim()];
  const pdf = `/api/portal/receipts/${one.id}.pdf`;
  return el(
    "p",
    { id: one.id },
    `${told.join(" · ")} · `,
    el("a", { href: pdf, download: true }, say("receipt_pdf", { label: one.label })),
  );
}
