// The options of `playwright test` for one run: however the suite's command gets there (npm, npx, make), the
// process that is Playwright's own gets them.
'use strict';

const fs = require('node:fs');
const path = require('node:path');

// Options whose value is a word of its own; the two last may also stand alone.
const VALUED = new Set([
  '-c', '--config', '-g', '--grep', '--grep-invert', '-gv', '--output', '--project', '--reporter',
  '--repeat-each', '--retries', '--shard', '--timeout', '--global-timeout', '--trace', '--tsconfig',
  '--ui-host', '--ui-port', '-j', '--workers', '--max-failures', '--browser', '--test-list',
  '--test-list-invert', '--update-source-method', '--last-failed-file',
]);
// Options that the run decides.
const OURS = new Set([
  '-c', '--config', '--output', '--reporter', '--repeat-each', '--retries', '--trace', '-j', '--workers',
  '--max-failures', '--shard', '--last-failed', '--ui', '--ui-host', '--ui-port', '-x', '--headed', '--debug',
  '--update-snapshots', '-u', '--only-changed', '--fully-parallel', '--timeout', '--global-timeout',
]);
const NAMES = ['ts', 'js', 'mts', 'mjs', 'cts', 'cjs'].map(ending => `playwright.config.${ending}`);

function setArguments(asked) {
  const [, program = '', verb] = process.argv;
  if (!asked.options || verb !== 'test' || !isPlaywright(program)) return;
  const { kept, config } = sorted(process.argv.slice(3), asked.tests.length > 0);
  const own = configuration(config);
  process.env.ANDON_GAP_CONFIG = own;
  const wrapper = own && isModule(own) ? 'config.mjs' : 'config.cjs';
  process.argv.splice(
    3, process.argv.length,
    ...kept,
    `--config=${path.join(__dirname, wrapper)}`,
    '--reporter=json', '--retries=0', '--workers=1', '--trace=off',
    `--repeat-each=${asked.times}`, `--output=${path.join(asked.home, 'output')}`,
    ...asked.tests,
  );
}

function isPlaywright(program) {
  let real = program;
  try { real = fs.realpathSync(program); } catch { /* it is judged by its name */ }
  return /[\\/](?:playwright|@playwright[\\/]test|playwright-core)[\\/]cli\.(?:js|mjs|cjs)$/.test(real);
}

function sorted(given, withoutTests) {
  const kept = [];
  let config = '';
  for (let i = 0; i < given.length; i++) {
    const word = given[i];
    const [name, inline] = word.startsWith('--') ? split(word) : [word, undefined];
    const hasValue = VALUED.has(name) && inline === undefined;
    const value = hasValue ? given[++i] : inline;
    if (name === '-c' || name === '--config') config = value || '';
    if (OURS.has(name)) continue;
    if (!word.startsWith('-')) {
      if (!withoutTests) kept.push(word);
      continue;
    }
    kept.push(word);
    if (hasValue && value !== undefined) kept.push(value);
  }
  return { kept, config };
}

function split(word) {
  const at = word.indexOf('=');
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}

function configuration(given) {
  const place = path.resolve(given || '.');
  if (!isDirectory(place)) return place;
  const found = NAMES.map(name => path.join(place, name)).find(name => fs.existsSync(name));
  return found || '';
}

function isDirectory(place) {
  try { return fs.statSync(place).isDirectory(); } catch { return false; }
}

// Whether node takes a file for an ES module: by its ending, else by the nearest package.json.
function isModule(file) {
  if (/\.m[tj]s$/.test(file)) return true;
  if (/\.c[tj]s$/.test(file)) return false;
  for (let at = path.dirname(file); ; at = path.dirname(at)) {
    try {
      return JSON.parse(fs.readFileSync(path.join(at, 'package.json'), 'utf8')).type === 'module';
    } catch { /* none here, or none that can be read */ }
    if (at === path.dirname(at)) return false;
  }
}

module.exports = { setArguments };
