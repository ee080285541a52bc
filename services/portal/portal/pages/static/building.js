/** Elements, in which text goes in as text: what a name says is never markup. */

import { Refused } from "./asking.js";
import { say } from "./words.js";

export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.flat().filter((child) => child !== undefined && child !== null));
  return made;
}

export const main = document.querySelector("main");

export function entitle(key) {
  main.querySelector("h1").textContent = say(key);
  document.title = `${say(key)} · ${document.documentElement.dataset.business}`;
}

/** What has just happened, also for who does not see it. */
export const told = el("p", { role: "status", class: "told", tabindex: "-1" });

export function tell(text) {
  told.textContent = text;
  told.focus();
}

/** Runs `work`, and says in `place` why not if it is refused. */
export async function attempt(work, place, refused = (error) => error.words) {
  place.textContent = "";
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    place.textContent = refused(error);
  }
}

export function action(label, work, place, attributes = {}) {
  const made = el("button", { type: "button", ...attributes }, label);
  made.addEventListener("click", async () => {
    made.disabled = true;
    try {
      await attempt(work, place);
    } finally {
      made.disabled = false;
    }
  });
  return made;
}

let asked = 0;

/** One question, before anything is done. */
export function question(heading, content, { yes, no, work }) {
  const id = `question-${(asked += 1)}`;
  const problem = el("p", { role: "alert", class: "problem" });
  const box = el("dialog", { "aria-labelledby": id, onclose: () => box.remove() });
  const done = async () => {
    const after = await work();
    box.close();
    await after?.();
  };
  const agree = action(yes, done, problem, { class: "main" });
  const leave = el("button", { type: "button", onclick: () => box.close() }, no);
  box.append(el("h2", { id }, heading), ...content, problem, el("div", { class: "row" }, agree, leave));
  document.body.append(box);
  box.showModal();
  return { agree, problem };
}
