// The team's configuration for one run: another address, no retries, patience as asked, no server of its own.
'use strict';

const path = require('node:path');

const PLACES = ['testDir', 'snapshotDir', 'tsconfig', 'globalSetup', 'globalTeardown'];

function shaped(loaded, file) {
  const asked = JSON.parse(process.env.ANDON_GAP_ASKED);
  let own = loaded;
  while (own && typeof own === 'object' && own.default && typeof own.default === 'object') own = own.default;
  const base = file ? path.dirname(file) : process.cwd();
  const were = addresses(own);
  process.env.ANDON_GAP_WERE = JSON.stringify(were);
  // Cookies that were kept for `localhost` are not sent to 127.0.0.1, though it is the same machine.
  if (were.length && new URL(were[0]).hostname === 'localhost') asked.url = asked.url.replace('//127.0.0.1', '//localhost');
  process.env.ANDON_GAP_URL = asked.url;
  const config = part({ timeout: 30000, ...own }, base, asked);
  config.testDir = config.testDir || base;
  config.projects = Array.isArray(own.projects)
    ? own.projects.map(project => part(project, base, asked))
    : own.projects;
  if (config.projects === undefined) delete config.projects;
  config.forbidOnly = false;
  config.maxFailures = 0;
  config.preserveOutput = 'always';
  delete config.reporter;
  delete config.globalTimeout;
  // What was not begun by then is not run: the rounds before it are told all the same.
  if (asked.enough) config.globalTimeout = Math.ceil(asked.enough * 1000);
  delete config.outputDir;
  const servers = [own.webServer || []].flat().filter(server => !isTheApplication(server, were, only(own), named(file, asked, were)));
  delete config.webServer;
  if (servers.length) config.webServer = servers.map(server => ({ ...server, cwd: path.resolve(base, server.cwd || '.') }));
  return config;
}

function part(own, base, asked) {
  const made = { ...own };
  for (const key of PLACES) {
    if (typeof made[key] === 'string') made[key] = place(made[key], base, key);
    else if (Array.isArray(made[key])) made[key] = made[key].map(one => place(one, base, key));
  }
  delete made.retries;
  delete made.repeatEach;
  delete made.outputDir;
  delete made.workers;
  made.use = { ...own.use, baseURL: asked.url, trace: 'off', video: 'off', screenshot: 'off' };
  stretch(made, asked);
  return made;
}

function place(given, base, key) {
  if (typeof given !== 'string') return given;
  const isFile = key === 'globalSetup' || key === 'globalTeardown';
  // A module of a package is named without a dot; everything else is a place beside the configuration.
  if (isFile && !given.startsWith('.') && !path.isAbsolute(given)) {
    try { return require.resolve(given, { paths: [base] }); } catch { /* a place after all */ }
  }
  return path.resolve(base, given);
}

// A test gets the time that a slow network takes from it; what it waits for in single steps is `slack`'s.
function stretch(made, asked) {
  if (made.timeout) made.timeout = made.timeout * asked.slack + asked.room;
  for (const key of ['actionTimeout', 'navigationTimeout']) {
    if (made.use[key]) made.use[key] *= asked.slack;
  }
}

function addresses(own) {
  const found = [own.use, ...(own.projects || []).map(project => project.use)].map(use => use && use.baseURL);
  for (const server of [own.webServer || []].flat()) {
    found.push(server.url || (server.port ? `http://localhost:${server.port}` : ''));
  }
  return [...new Set(found.filter(Boolean).map(origin).filter(Boolean))];
}

function origin(address) {
  try { return new URL(address).origin; } catch { return ''; }
}

function only(own) {
  return [own.webServer || []].flat().length === 1;
}

// Where the configuration takes its address from a variable, it is ours already; what it is without that stands beside.
function named(file, asked, were) {
  if (were.length && were[0] !== origin(asked.url) && were[0] !== origin(asked.url.replace('//127.0.0.1', '//localhost'))) return null;
  try {
    const found = /baseURL[^\n]*?\/\/[\w.-]+:(\d{2,5})/.exec(require('node:fs').readFileSync(file, 'utf8'));
    return found ? found[1] : '';
  } catch { return ''; }
}

// A server of the suite is the application itself when tests go to its address. Where the address came out of a
// variable (`without` is a text then, the port that stands beside it), it is that one, or the only one.
function isTheApplication(server, were, isOnly, without) {
  if (!server.url && !server.port) return were.length === 0;
  const own = new URL(server.url || `http://localhost:${server.port}`);
  if (without !== null) return without ? own.port === without : isOnly;
  return were.length > 0 && new URL(were[0]).port === own.port;
}

module.exports = { shaped };
