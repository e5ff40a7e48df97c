/*
 * Evaluated inside the page: what an eye would stumble over. Plain JavaScript, because it runs in the browser.
 * Returns sentences; none means that all is well.
 */
(() => {
  const { document, getComputedStyle, NodeFilter } = globalThis;

  function color(text) {
    const [red = 0, green = 0, blue = 0, alpha = 1] = (text.match(/[\d.]+/g) ?? []).map(Number);
    return { red, green, blue, alpha: text === 'transparent' || text === 'none' ? 0 : alpha };
  }

  /** WCAG 2.2, relative luminance. */
  function luminance({ red, green, blue }) {
    const [r, g, b] = [red, green, blue].map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }

  function ground(element) {
    for (let at = element; at !== null; at = at.parentElement) {
      const found = color(getComputedStyle(at).backgroundColor);
      if (found.alpha === 1) return found;
    }
    return { red: 255, green: 255, blue: 255 };
  }

  function contrast(element) {
    const style = getComputedStyle(element);
    const ink = luminance(color(element.closest('svg') === null ? style.color : style.fill));
    const paper = luminance(ground(element));
    return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
  }

  function texts() {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      const words = walker.currentNode.textContent.trim();
      if (words === '' || element.closest('title, style, script') !== null) continue;
      const { width, height } = element.getBoundingClientRect();
      if (width > 1 && height > 1) found.push({ element, words });
    }
    return found;
  }

  function overlaps() {
    return [...document.querySelectorAll('svg')].flatMap((svg) => {
      const labels = [...svg.querySelectorAll('text')].map((label) => ({
        words: label.firstChild?.textContent ?? '',
        box: label.getBoundingClientRect(),
      }));
      return labels.flatMap(({ words, box }, index) =>
        labels
          .slice(index + 1)
          .filter(
            ({ box: other }) =>
              box.left < other.right &&
              other.left < box.right &&
              box.top + 2 < other.bottom &&
              other.top + 2 < box.bottom,
          )
          .map((other) => `“${words}” overlaps “${other.words}”`),
      );
    });
  }

  const problems = [];
  for (const { element, words } of texts()) {
    const ratio = contrast(element);
    if (ratio < 4.5) problems.push(`“${words.slice(0, 40)}” has a contrast of ${ratio.toFixed(1)}`);
    const tall =
      element.closest('svg') === null
        ? parseFloat(getComputedStyle(element).fontSize)
        : element.getBoundingClientRect().height;
    if (tall < 9.5) problems.push(`“${words.slice(0, 40)}” is ${tall.toFixed(1)} px tall`);
  }
  problems.push(...overlaps());
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) problems.push(`the page is ${scrollWidth} px wide on ${clientWidth} px`);
  for (const image of document.querySelectorAll('svg[role=img]'))
    if ((image.getAttribute('aria-label') ?? '') === '') problems.push('a picture has no name');
  return [...new Set(problems)];
})();
