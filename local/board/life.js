// What moves on the page: digits roll to the new figure, a row slides when it overtakes, a milestone takes the stage. Nothing
// here knows what a figure means; who asked for reduced motion sees the same without the way there.

const ROLL_MS = 700;
const SLIDE_MS = 700;
const STAGE_MS = 4_000;
/** Between two times on the stage, so that what it covers can be read; what comes meanwhile shares the next. */
const REST_MS = 8_000;
/** In names beside the first on the stage; how many more there are is said as a number. */
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

/** A digit in its place, with those that it passes on its way above or below it: only the last one is read out. */
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

/** Digits on their way, each with the figure that it belongs to. */
let rolling = [];

/** Leaves every figure as it came, so that what is compared and changed next is the answer and not its way there. */
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

/** What the figures say, and where the rows are. */
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

/** A clock is read while it goes. */
const TIME = /-ms$/;

/**
 * Which way a figure rolls; undefined for one that does not. Those of a row go with it, and do not roll from what another row
 * said in its place.
 */
const rollsFrom = (figure, before) => {
  const value = Number(figure.dataset.value);
  const isStill = before === undefined || before.value === value || TIME.test(figure.dataset.figure);
  return isStill || figure.closest('[data-key]') !== null ? undefined : Math.sign(value - before.value);
};

/** Goes from what was seen to what is there now. */
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

/** The keys of a screen's milestones with what they say, the newest first. */
const milestonesOn = (screen) =>
  [...screen.querySelectorAll('[data-milestone]')].map((one) => ({
    key: one.dataset.milestone,
    who: one.querySelector('.zb-name')?.textContent,
    what: one.querySelector('.zb-what').textContent,
  }));

/** Shows milestones that were not there before, those that came together at once, and says them to who listens. */
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
