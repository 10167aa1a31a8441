/** Says something to screen readers, politely, through the one live region of the page. */
export function announce(text: string): void {
  const region = document.getElementById('live-region');
  if (region !== null && region.textContent !== text) region.textContent = text;
}
