/** What opens links in mails by itself accepts no invitation: that takes a click. */

const form = document.querySelector("form");
const button = form.querySelector("button");
const token = new URLSearchParams(location.hash.slice(1)).get("token");
addEventListener("hashchange", () => location.reload());
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  button.disabled = true;
  say();
  await accept();
  button.disabled = false;
});
if (token) form.hidden = false;
else say("unknown");

/** These texts, and no others. */
function say(...named) {
  for (const text of document.querySelectorAll("[data-says]"))
    text.hidden = !named.includes(text.dataset.says);
}

async function accept() {
  const { name, password } = form.elements;
  const body = { token, password: password.value };
  if (name.value.trim()) body.name = name.value.trim();
  let answer;
  let told = {};
  try {
    answer = await fetch("/api/members/invitations/accept", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    told = await answer.json();
  } catch {
    // Whoever stands before us may answer with something else than JSON, or nobody at all.
    return answer?.ok ? welcome({}) : say(reason(answer?.status, {}));
  }
  if (answer.ok) return welcome(told);
  const why = reason(answer.status, told);
  if (why === "ended" || why === "unknown" || why === "already_member") close();
  say(why);
}

function reason(status, problem) {
  if (status === 410) return "ended";
  if (status === 401) return "wrong_password";
  if (status === 404) return "unknown";
  if (status === 409) return "already_member";
  if (status === 429) return "wait";
  if (status !== 422) return "again";
  if (problem.type === "/problems/name-needed") return "newcomer";
  const places = (problem.errors ?? []).map((error) => error.pointer);
  return places.some((place) => place.endsWith("/token")) ? "unknown" : "not_valid";
}

function welcome({ business }) {
  close();
  document.querySelector("#business").textContent = business?.name ?? "";
  say(...(business ? ["joined", "sign_in"] : ["sign_in"]));
  document.querySelector("[role=status]").focus();
}

/** Without the token, which is good for nothing any more. */
function close() {
  form.remove();
  history.replaceState(null, "", location.pathname);
}
