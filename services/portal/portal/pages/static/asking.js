/** How the API is asked, and what its noes mean. */

import { count, knows, say } from "./words.js";

export class Refused extends Error {
  constructor(status, problem = {}, waitSeconds = 0) {
    super(problem.title ?? String(status));
    Object.assign(this, { status, problem, waitSeconds });
  }

  get words() {
    const named = (this.problem.type ?? "").replace("/problems/", "");
    if (knows(named)) return say(named);
    if (this.status === 0) return say("refused_offline");
    if (this.status === 429) return count("refused_wait", Math.ceil(this.waitSeconds / 60) || 1);
    if (this.status >= 500) return say("refused_again");
    if (this.status === 412) return say("refused_changed");
    if (this.status === 404 || this.status === 410) return say("refused_gone");
    return say("refused");
  }
}

/** Done once, however often it is asked with the same key. */
export const newKey = () => crypto.randomUUID?.();

export const ask = (method, path, more) => askAt(method, `/api/portal${path}`, more);

/** The page to pay on, of a link to pay; it leads back here. */
export async function checkout(payUrl) {
  const address = new URL(payUrl).pathname.replace(/\/pay$/, "/checkout");
  return (await askAt("POST", address, { body: { return_path: location.pathname } })).url;
}

async function askAt(method, address, { body, version, key } = {}) {
  const headers = {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (version !== undefined) headers["If-Match"] = `"${version}"`;
  if (key !== undefined) headers["Idempotency-Key"] = key;
  let answer, told;
  try {
    answer = await fetch(address, { method, headers, body: JSON.stringify(body) });
    told = await answer.text();
    if (answer.ok) return told ? JSON.parse(told) : null;
  } catch {
    throw new Refused(0);
  }
  const wait = Number(answer.headers.get("Retry-After"));
  throw new Refused(answer.status, parsed(told), wait);
}

/** Whoever stands before us may answer with something else than JSON. */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
