// The buttons of the supervisor's page: sort the shots.
const buttons = [...document.querySelectorAll("nav button")];
const shots = document.querySelector("main");

function compare(key) {
  if (key === "name") return (one, other) => one.dataset.name.localeCompare(other.dataset.name);
  return (one, other) => other.dataset[key] - one.dataset[key];
}

for (const button of buttons) {
  button.addEventListener("click", () => {
    for (const shot of [...shots.children].sort(compare(button.dataset.key))) shots.append(shot);
    for (const one of buttons) one.setAttribute("aria-pressed", one === button);
  });
}
