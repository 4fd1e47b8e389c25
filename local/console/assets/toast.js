let timer;

// toast shows a message for some seconds; a screen reader reads it out.
export function toast(message) {
  const element = document.getElementById("toast");
  element.textContent = message instanceof Error ? message.message : message;
  element.className = "shown";
  clearTimeout(timer);
  timer = setTimeout(() => { element.className = ""; }, 6000);
}
