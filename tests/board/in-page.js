// What a page can say of its own layout, for tests. This file is put into the page as it is, so it is JavaScript without types.

/** How far something may stick out: glyphs and borders are rounded to whole pixels. */
const SLACK_PX = 1.5;

/** A line's box is higher than its glyphs; this part of its height is empty at the top, and as much at the bottom. */
const LEADING = 0.24;

const CARDS = '.zb-header, .zb-headline, .zb-curve, .zb-channels, .zb-panel, .zb-footer';

const pathOf = (element) => {
  const text = (element.textContent ?? '').trim().slice(0, 40);
  return `.${String(element.getAttribute('class') ?? element.parentElement?.getAttribute('class')).replaceAll(' ', '.')} "${text}"`;
};

const isCut = (element) => getComputedStyle(element).textOverflow === 'ellipsis';

const intersectionOf = (a, b) => ({
  left: Math.max(a.left, b.left),
  right: Math.min(a.right, b.right),
  top: Math.max(a.top, b.top),
  bottom: Math.min(a.bottom, b.bottom),
});

const isEmpty = ({ left, right, top, bottom }) => right - left < 1 || bottom - top < 1;

/** What can be seen of a rectangle in an element: the element and its ancestors may clip it. */
const visiblePart = (rect, element, root) => {
  let seen = rect;
  for (let at = element; at !== null && at !== root; at = at.parentElement) {
    if (getComputedStyle(at).overflow !== 'visible') seen = intersectionOf(seen, at.getBoundingClientRect());
  }
  return seen;
};

const textsIn = (root) => {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const texts = [];
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    if (element.closest('style, .zb-unseen') !== null || node.nodeValue.trim() === '') continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const rect of range.getClientRects()) {
      const seen = visiblePart(rect, element, root);
      if (!isEmpty(seen)) texts.push({ element, rect: seen });
    }
  }
  return texts;
};

/** The faults of the layout, a line for each: what is too large for its box, sticks out of its card, lies on a text or is cut. */
const layoutFaults = () => {
  const faults = [];
  const html = document.documentElement;
  if (html.scrollWidth > html.clientWidth)
    faults.push(`document: ${html.scrollWidth} wide in ${html.clientWidth}`);
  if (html.scrollHeight > html.clientHeight) {
    faults.push(`document: ${html.scrollHeight} high in ${html.clientHeight}`);
  }
  const root = document.querySelector('.zb');
  for (const element of root.querySelectorAll('div, span')) {
    if (getComputedStyle(element).display === 'inline' || isCut(element)) continue;
    if (element.closest('.zb-unseen') !== null) continue;
    if (element.scrollWidth > element.clientWidth + SLACK_PX) {
      faults.push(`${pathOf(element)}: ${element.scrollWidth} wide in ${element.clientWidth}`);
    }
  }
  const texts = textsIn(root);
  for (const { element, rect } of texts) {
    const card = (element.closest(CARDS) ?? root).getBoundingClientRect();
    const inset = (rect.bottom - rect.top) * LEADING;
    if (
      rect.left < card.left - SLACK_PX ||
      rect.right > card.right + SLACK_PX ||
      rect.top + inset < card.top - SLACK_PX ||
      rect.bottom - inset > card.bottom + SLACK_PX
    ) {
      faults.push(`${pathOf(element)}: outside its card`);
    }
  }
  const glyphs = texts.map(({ element, rect }) => {
    const inset = (rect.bottom - rect.top) * LEADING;
    return {
      element,
      rect: {
        left: rect.left + 1,
        right: rect.right - 1,
        top: rect.top + inset,
        bottom: rect.bottom - inset,
      },
    };
  });
  for (const [i, one] of glyphs.entries()) {
    for (const other of glyphs.slice(i + 1)) {
      if (other.element !== one.element && !isEmpty(intersectionOf(one.rect, other.rect))) {
        faults.push(`${pathOf(one.element)} lies on ${pathOf(other.element)}`);
      }
    }
  }
  for (const item of document.querySelectorAll('.zb-milestone')) {
    const whole = item.getBoundingClientRect();
    const line = item.parentElement.getBoundingClientRect();
    const isIn = whole.bottom <= line.bottom + SLACK_PX && whole.right <= line.right + SLACK_PX;
    if (!isIn && whole.top < line.bottom - SLACK_PX) faults.push(`${pathOf(item)}: cut in the ticker`);
  }
  return faults;
};

/** The size in pixels of the smallest text that can be seen. */
const smallestText = () =>
  Math.min(
    ...textsIn(document.querySelector('.zb')).map(({ element }) =>
      Number.parseFloat(getComputedStyle(element).fontSize),
    ),
  );

/** The figures on the screen, by the names in their markup. */
const figures = () =>
  Object.fromEntries(
    [...document.querySelectorAll('[data-figure]')].map((element) => [
      element.dataset.figure,
      { value: element.dataset.value, text: element.textContent },
    ]),
  );

globalThis.boardLayout = { layoutFaults, smallestText, figures };
