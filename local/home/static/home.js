// Keeps the page as it is now, in place: what has focus keeps it, and what is the same stays.
const live = document.getElementById("live");
const isOn = () => live.getAttribute("aria-pressed") === "true" && !document.hidden;
let timer;

function renew(old, now) {
  if (old.isEqualNode(now)) return;
  if (old.nodeName !== now.nodeName) return old.replaceWith(now.cloneNode(true));
  if (old.nodeType !== Node.ELEMENT_NODE) return void (old.nodeValue = now.nodeValue);
  for (const { name } of [...old.attributes])
    if (name !== "open" && !now.hasAttribute(name)) old.removeAttribute(name); // what a reader unfolded stays so
  for (const { name, value } of now.attributes) old.setAttribute(name, value);
  const had = [...old.childNodes];
  [...now.childNodes].forEach((one, at) => (had[at] ? renew(had[at], one) : old.append(one.cloneNode(true))));
  had.slice(now.childNodes.length).forEach((one) => one.remove());
}

async function show(answer) {
  const page = new DOMParser().parseFromString(await (await answer).text(), "text/html");
  document.title = page.title;
  for (const id of ["status", "pages", "main", "read-at"]) renew(document.getElementById(id), page.getElementById(id));
}

async function look() {
  clearTimeout(timer);
  if (!isOn()) return;
  try {
    await show(fetch(location.href));
  } catch {
    renew(document.getElementById("status"), Object.assign(document.createElement("p"), {
      id: "status", className: "pill bad", role: "status", textContent: "This page's server is gone",
    }));
  }
  const isPending = document.getElementById("main").dataset.pending === "yes";
  timer = setTimeout(look, isPending ? 400 : 3000);
}

live.hidden = false;
live.addEventListener("click", () => {
  live.setAttribute("aria-pressed", String(live.getAttribute("aria-pressed") !== "true"));
  look();
});
document.addEventListener("visibilitychange", look);
document.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const body = new URLSearchParams(new FormData(form, event.submitter));
  await show(fetch(form.action, { method: "POST", body }));
});
look();
