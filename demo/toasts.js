const SHOWN_FOR = 8_000;
const MOST = 3;

/** Short messages. Of those about the same thing only the newest is shown, and never more than a few at all. */
export function createToasts(list) {
  /** `action` is a button, if there is one: its `label`, and what it does when it is `chosen`. */
  return function toast(text, { about = text, action } = {}) {
    const element = document.createElement("p");
    element.dataset.about = about;
    element.textContent = text;
    if (action) element.append(buttonOf(action, element));
    for (const other of [...list.children]) if (other.dataset.about === about) other.remove();
    list.append(element);
    while (list.children.length > MOST) list.firstChild.remove();
    setTimeout(() => element.remove(), SHOWN_FOR);
  };
}

function buttonOf({ label, chosen }, element) {
  const button = document.createElement("button");
  button.textContent = label;
  button.onclick = () => {
    element.remove();
    chosen();
  };
  return button;
}
