/** Texts, times and money, in one language and one country's ways. */

let words = {};
let locale = "en";

const languageOf = (one) => ["en", "de", "es"].find((known) => one.toLowerCase().split("-")[0] === known);

/** As the first of them that we have words for. */
export async function speak(...wanted) {
  const locales = wanted.filter(Boolean).map((one) => one.replaceAll("_", "-"));
  locale = locales.find(languageOf) ?? locales.at(-1);
  const language = languageOf(locale) ?? "en";
  const answer = await fetch(`/pages/words.${language}.json`);
  words = await answer.json();
  document.documentElement.lang = language;
}

export const knows = (key) => key in words;

export function say(key, values = {}) {
  return words[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** "1 credit", "2 credits": by the rules of the language. */
export function count(key, n, values = {}) {
  const form = new Intl.PluralRules(locale).select(n);
  const one = form === "one" ? "one" : "other";
  return say(`${key}_${one}`, { n: new Intl.NumberFormat(locale).format(n), ...values });
}

const DAY = { weekday: "long", day: "numeric", month: "long", year: "numeric" };
const CLOCK = { hour: "numeric", minute: "2-digit" };

/** In the studio's zone, which is named where the reader's clock says otherwise. */
export function moment(at, timeZone) {
  return formatted(at, { ...DAY, ...CLOCK, ...zone(timeZone, at) });
}

export function span(begins, ends, timeZone) {
  const format = new Intl.DateTimeFormat(locale, { ...DAY, ...CLOCK, ...zone(timeZone, begins) });
  return format.formatRange(new Date(begins), new Date(ends));
}

export const clock = (at, timeZone) => formatted(at, { ...CLOCK, timeZone });
export const dayOf = (at, timeZone) => formatted(at, { ...DAY, timeZone });
export const day = (date) => formatted(date, { ...DAY, weekday: undefined, timeZone: "UTC" });
/** 2026-11-28, as the API and date fields write it. */
export const isoDay = (at, timeZone) =>
  new Intl.DateTimeFormat("en-CA", { timeZone, dateStyle: "short" }).format(new Date(at));

function formatted(at, options) {
  return new Intl.DateTimeFormat(locale, options).format(new Date(at));
}

function zone(timeZone, at) {
  const says = (where) => formatted(at, { ...CLOCK, day: "numeric", ...where });
  return says({ timeZone }) === says({}) ? { timeZone } : { timeZone, timeZoneName: "short" };
}

export function money(cents, currency) {
  const format = new Intl.NumberFormat(locale, { style: "currency", currency });
  return format.format(cents / 10 ** format.resolvedOptions().maximumFractionDigits);
}

export const list = (parts) => new Intl.ListFormat(locale).format(parts);
