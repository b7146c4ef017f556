/** Run in a page: nothing to press is smaller than a thumb (56 px), on any state of it. */
export const smallTargets = `[...document.querySelectorAll('button, a, select, input, summary')].flatMap((element) => {
  const { width, height } = element.getBoundingClientRect();
  return width > 0 && Math.min(width, height) < 56 ? [element.textContent + ' ' + width + '×' + height] : [];
})`;
