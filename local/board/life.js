// The movements of the page: digits roll to a new figure, a row slides to its new place, a milestone covers the screen for a
// moment. Nothing here knows what a figure means. A viewer whose system asks for reduced motion sees the results without the
// movements.

const ROLL_MS = 700;
const SLIDE_MS = 700;
const STAGE_MS = 4_000;
/**
 * The pause between two milestones on the stage, so that the figures below can be read. Milestones with names that come in the
 * meantime are shown together.
 */
const REST_MS = 8_000;
/** How many names are shown beside the first one on the stage; further ones are only counted. */
const ALSO_MAX = 4;
const SOFTLY = 'cubic-bezier(.2,.8,.2,1)';

const calm = matchMedia('(prefers-reduced-motion: reduce)');

const textNodesOf = (element) => {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const nodes = [];
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) nodes.push(node);
  return nodes;
};

const isDigit = (text) => text !== undefined && text >= '0' && text <= '9';

/**
 * A digit in its place, with the digits that it passes on its way above or below it. A screen reader reads only the digit itself.
 */
const reelOf = (from, to, direction) => {
  const steps = (10 + direction * (to - from)) % 10;
  const roll = document.createElement('span');
  roll.className = 'roll';
  const reel = roll.appendChild(document.createElement('span'));
  reel.className = 'reel';
  reel.append(String(to));
  for (let i = 1; i <= steps; i++) {
    const past = reel.appendChild(document.createElement('span'));
    past.className = 'past';
    past.setAttribute('aria-hidden', 'true');
    past.textContent = String((to - direction * i + 10 * i) % 10);
    past.style.top = `${-100 * direction * i}%`;
  }
  const start = `translateY(${100 * direction * steps}%)`;
  return { roll, reel, start };
};

/** Digits that are moving, each with the figure that it belongs to. */
let rolling = [];

/**
 * Ends all movements and restores the text of every figure, so that the next screen is compared with the figures of this one and
 * not with their movements.
 */
export const settle = () => {
  for (const { roll, digit, figure } of rolling) {
    roll.replaceWith(digit);
    figure.normalize();
  }
  rolling = [];
};

const rollText = (node, before, direction, figure) => {
  const after = node.nodeValue;
  const shift = after.length - before.length;
  const pieces = document.createDocumentFragment();
  const reels = [];
  for (const [i, digit] of [...after].entries()) {
    const old = before[i - shift];
    if (digit === old || !isDigit(digit) || !isDigit(old)) {
      pieces.append(digit);
      continue;
    }
    const { roll, reel, start } = reelOf(Number(old), Number(digit), direction);
    pieces.append(roll);
    reels.push({ reel, start });
    rolling.push({ roll, digit, figure });
  }
  if (reels.length === 0) return;
  node.replaceWith(pieces);
  for (const { reel, start } of reels) {
    reel.animate([{ transform: start }, { transform: 'none' }], { duration: ROLL_MS, easing: SOFTLY });
  }
};

/** The texts of the figures, and the positions of the rows. */
export const lookAt = (screen) => {
  const figures = new Map();
  for (const figure of screen.querySelectorAll('[data-figure]')) {
    const texts = textNodesOf(figure).map(({ nodeValue }) => nodeValue);
    figures.set(figure.dataset.figure, { value: Number(figure.dataset.value), texts });
  }
  const rows = new Map();
  for (const row of screen.querySelectorAll('[data-key]')) rows.set(row, row.getBoundingClientRect());
  return { figures, rows };
};

/** The names of figures that are times. These do not roll, because a clock must stay readable. */
const TIME = /-ms$/;

/**
 * The direction in which a figure rolls; undefined if it does not roll. The figures of a row move with their row and do not roll,
 * because another row may have been in this place before.
 */
const rollsFrom = (figure, before) => {
  const value = Number(figure.dataset.value);
  const isStill = before === undefined || before.value === value || TIME.test(figure.dataset.figure);
  return isStill || figure.closest('[data-key]') !== null ? undefined : Math.sign(value - before.value);
};

/** Moves from what was shown before to what is there now. */
export const moveFrom = ({ figures, rows }, screen) => {
  if (calm.matches) return;
  for (const figure of screen.querySelectorAll('[data-figure]')) {
    const before = figures.get(figure.dataset.figure);
    const direction = rollsFrom(figure, before);
    if (direction === undefined) continue;
    const nodes = textNodesOf(figure);
    if (nodes.length !== before.texts.length) continue;
    for (const [i, node] of nodes.entries()) rollText(node, before.texts[i], direction, figure);
  }
  for (const row of rows.size === 0 ? [] : screen.querySelectorAll('[data-key]')) {
    const was = rows.get(row);
    const is = row.getBoundingClientRect();
    if (was === undefined) {
      row.animate([{ opacity: 0 }, { opacity: 1 }], { duration: SLIDE_MS });
    } else if (Math.hypot(was.x - is.x, was.y - is.y) > 1) {
      const from = `translate(${was.x - is.x}px,${was.y - is.y}px)`;
      row.animate([{ transform: from }, { transform: 'none' }], { duration: SLIDE_MS, easing: SOFTLY });
      if (was.y > is.y) row.animate([{ background: 'var(--well)' }, {}], { duration: 2 * SLIDE_MS });
    }
  }
};

/** The keys and texts of a screen's milestones, the newest first. */
const milestonesOn = (screen) =>
  [...screen.querySelectorAll('[data-milestone]')].map((one) => ({
    key: one.dataset.milestone,
    who: one.querySelector('.zb-name')?.textContent,
    what: one.querySelector('.zb-what').textContent,
  }));

/**
 * Shows the milestones that are new, and announces them to screen readers. Those with names are shown together, and one without a
 * name is shown alone.
 */
export const createStage = (stage, announcer, join) => {
  let campaign;
  const seen = new Set();
  let queue = [];
  let isOn = false;

  const leave = () => {
    stage.hidden = true;
    setTimeout(next, REST_MS);
  };

  const next = () => {
    isOn = queue.length > 0;
    if (!isOn) return;
    const alone = queue.find(({ who }) => who === undefined);
    const group = alone === undefined ? queue : [alone];
    queue = queue.filter((one) => !group.includes(one));
    const [first, ...others] = group;
    const also = join(
      others.slice(0, ALSO_MAX).map(({ who }) => who),
      others.length - ALSO_MAX,
    );
    stage.querySelector('.who').textContent = first.who ?? '';
    stage.querySelector('.what').textContent = first.what;
    stage.querySelector('.also').textContent = also;
    announcer.textContent = [first.who, first.what, also].filter((text) => text).join(' ');
    stage.hidden = false;
    setTimeout(leave, STAGE_MS);
  };

  return (screen) => {
    const { campaign: shown } = screen.querySelector('[data-campaign]')?.dataset ?? {};
    const isFirst = shown !== campaign;
    if (isFirst) {
      campaign = shown;
      seen.clear();
      queue = [];
    }
    const fresh = milestonesOn(screen).filter(({ key }) => !seen.has(key));
    for (const { key } of fresh) seen.add(key);
    if (isFirst) return;
    queue.push(...fresh);
    if (!isOn) next();
  };
};
