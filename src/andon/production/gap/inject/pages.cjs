// Every page of the team's browsers: slowed down as asked, its requests written down, looked at when its test
// ends. What is written are JSON lines in `seen-PID.jsonl` of the run's own directory.
'use strict';

const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const { Network } = require('./network.cjs');

const LINES = 20000, TEXT = 4000, PICTURES = 4, AT_ONCE = 2000;
// What a test does to a page; after any of it the last assertion may rightly not hold any more.
const ACTIONS = [
  'click', 'dblclick', 'fill', 'press', 'type', 'check', 'uncheck', 'setChecked', 'selectOption', 'tap', 'hover',
  'goto', 'setContent', 'dragAndDrop', 'setInputFiles', 'focus', 'blur', 'dispatchEvent', 'clear',
];

let asked, tester, lines = 0, pictures = 0;
const states = new WeakMap();
const patched = new WeakSet();

function attend(given) {
  asked = given;
  const load = Module._load;
  Module._load = function (...rest) {
    const loaded = load.apply(this, rest);
    try {
      if (loaded && typeof loaded === 'object' && loaded.chromium && loaded.chromium.launch) engines(loaded);
    } catch { /* another module that looks like it */ }
    return loaded;
  };
}

function write(line) {
  if (lines++ > LINES) return;
  try {
    fs.appendFileSync(path.join(asked.home, `seen-${process.pid}.jsonl`), JSON.stringify({ ...current(), ...line }) + '\n');
  } catch { /* a full disk: the run is judged without it */ }
}

// The test that runs, as Playwright Test knows it.
function info() {
  tester = tester || runners();
  try {
    return tester && tester.info();
  } catch {
    return undefined; // no test runs now
  }
}

function runners() {
  for (const [file, one] of Object.entries(require.cache)) {
    if (!/[\\/]playwright(?:-test)?[\\/]|@playwright/.test(file) || !one || !one.loaded) continue;
    const test = one.exports && one.exports.test;
    if (typeof test === 'function' && typeof test.info === 'function' && typeof test.extend === 'function') return test;
  }
  return undefined;
}

function current() {
  const test = info();
  return test ? { test: test.testId, round: test.repeatEachIndex || 0 } : {};
}

function wrap(object, name, make) {
  let owner = object;
  while (owner && !Object.prototype.hasOwnProperty.call(owner, name)) owner = Object.getPrototypeOf(owner);
  if (!owner || typeof owner[name] !== 'function' || owner[name].isAndon) return;
  const made = make(owner[name]);
  made.isAndon = true;
  made.own = owner[name];
  owner[name] = made;
}

function engines(library) {
  if (patched.has(library)) return;
  patched.add(library);
  for (const name of ['chromium', 'firefox', 'webkit']) {
    const type = library[name];
    if (!type) continue;
    for (const verb of ['launch', 'connect', 'connectOverCDP'])
      wrap(type, verb, own => async function (...rest) {
        const browser = await own.apply(this, rest);
        browsers(browser);
        return browser;
      });
    wrap(type, 'launchPersistentContext', own => async function (folder, options) {
      const context = await own.call(this, folder, { ...options, baseURL: site() });
      contexts(context);
      await Promise.all(context.pages().map(prepared));
      return context;
    });
  }
}

function browsers(browser) {
  const name = typeof browser._innerNewContext === 'function' ? '_innerNewContext' : 'newContext';
  wrap(browser, name, own => async function (options, ...rest) {
    const context = await own.call(this, { ...options, baseURL: site() }, ...rest);
    contexts(context);
    return context;
  });
}

function contexts(context) {
  context.on('page', page => prepared(page).catch(() => {}));
  wrap(context, 'newPage', own => async function (...rest) {
    const page = await own.apply(this, rest);
    await prepared(page);
    return page;
  });
  wrap(context, 'close', own => async function (...rest) {
    await Promise.all(this.pages().map(page => ended(page).catch(() => {})));
    return await own.apply(this, rest);
  });
}

function prepared(page) {
  const known = states.get(page);
  if (known) return known.ready;
  const state = { network: undefined, last: undefined, errors: [] };
  states.set(page, state);
  page.on('pageerror', error => note(state, String((error && error.message) || error)));
  page.on('console', message => message.type() === 'error' && note(state, message.text()));
  wrap(page.locator('html'), '_expect', expecting);
  wrapActions(page);
  state.ready = slowed(page, state);
  return state.ready;
}

async function slowed(page, state) {
  try {
    const session = await page.context().newCDPSession(page);
    state.network = new Network(session, asked, write);
    await state.network.begin();
  } catch (error) {
    if (!page.isClosed()) write({ what: 'unslowed', told: String(error && error.message).slice(0, 200) });
  }
}

function note(state, text) {
  if (state.errors.length < 20) state.errors.push(text.slice(0, 500));
}

function wrapActions(page) {
  const frame = page.mainFrame();
  for (const name of ACTIONS)
    wrap(frame, name, own => function (...rest) {
      try {
        const of = this.page();
        if (states.has(of)) states.get(of).last = undefined;
        if (name === 'goto' && typeof rest[0] === 'string') rest[0] = here(rest[0]);
      } catch { /* what is looked at is no reason for a test to fail */ }
      return own.apply(this, rest);
    });
  for (const [device, names] of [[page.keyboard, ['press', 'type', 'insertText', 'down']], [page.mouse, ['click', 'down', 'wheel']]])
    for (const name of names)
      wrap(device, name, own => function (...rest) {
        const of = this._page;
        if (of && states.has(of)) states.get(of).last = undefined;
        return own.apply(this, rest);
      });
}

function site() {
  return process.env.ANDON_GAP_URL || asked.url;
}

// An address that the tests write out, of the application as the configuration knew it, is the one asked for.
function here(address) {
  const were = JSON.parse(process.env.ANDON_GAP_WERE || '[]');
  const at = were.find(one => address === one || address.startsWith(`${one}/`) || address.startsWith(`${one}?`));
  return at ? site().replace(/\/$/, '') + address.slice(at.length) : address;
}

function expecting(own) {
  return async function (expression, options, ...rest) {
    // Old releases take something else first.
    if (typeof expression !== 'string' || !options) return await own.call(this, expression, options, ...rest);
    const given = { ...options, timeout: (options.timeout === undefined ? 5000 : options.timeout) * asked.slack };
    const held = found => found.matches === !given.isNot;
    const found = await own.call(this, expression, given, ...rest);
    const state = states.get(this.page());
    if (held(found)) {
      if (state) state.last = { locator: this, expression, options: given, rest };
      return found;
    }
    // Slow or wrong: the first round tells it of the others too.
    if (asked.longer && !current().round) {
      const later = await own.call(this, expression, { ...given, timeout: asked.longer }, ...rest);
      if (held(later)) write({ what: 'late', told: described(this, expression, given, undefined) });
    }
    return found;
  };
}

async function ended(page) {
  const state = states.get(page);
  if (!state || page.isClosed() || state.isEnded) return;
  state.isEnded = true;
  const test = info();
  const failed = Boolean(test && (test.errors.length || (test.status && test.status !== test.expectedStatus)));
  const moved = asked.settle && !failed ? await settled(state) : '';
  if (moved) write({ what: 'moved', told: moved });
  if (failed || moved) {
    const shown = await within(page.evaluate(() => (document.body ? document.body.innerText : '')), AT_ONCE);
    write({ what: 'shown', told: String(shown || '').slice(0, TEXT), errors: state.errors });
  }
  const isWanted = asked.pictures && !current().round;
  if ((failed || moved || isWanted) && pictures < PICTURES) {
    const file = path.join(asked.home, `picture-${process.pid}-${pictures++}.png`);
    const taken = await within(page.screenshot({ path: file, timeout: AT_ONCE }).then(() => true), AT_ONCE);
    if (taken) write({ what: 'picture', file, title: test ? test.titlePath.slice(1).join(' > ') : '', failed: failed || Boolean(moved) });
  }
}

// Once nothing is under way any more, what the test saw last must still be so.
async function settled(state) {
  if (!state.last || !state.network) return '';
  if (!(await state.network.rest())) return '';
  const { locator, expression, options, rest } = state.last;
  const own = locator._expect.own || locator._expect;
  const found = await own.call(locator, expression, { ...options, timeout: 500 }, ...rest);
  return found.matches === !options.isNot ? '' : described(locator, expression, options, found);
}

function described(locator, expression, options, found) {
  const wanted = (options.expectedText || []).map(one => one.string || one.regexSource || '');
  const expected = wanted.length ? JSON.stringify(wanted) : String(options.expectedValue === undefined ? '' : options.expectedValue);
  const received = found && found.received;
  const value = received && typeof received === 'object' && 'value' in received ? received.value : received;
  const not = options.isNot ? 'not.' : '';
  return [
    `expect(${locator}).${not}${expression}`,
    expected && `Expected: ${expected}`,
    found && `Received: ${JSON.stringify(value)}`,
  ].filter(Boolean).join('\n').slice(0, TEXT);
}

async function within(work, milliseconds) {
  let timer;
  try {
    return await Promise.race([work, new Promise(done => { timer = setTimeout(done, milliseconds); })]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

module.exports = { attend };
