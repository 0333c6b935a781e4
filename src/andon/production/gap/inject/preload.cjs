// Loaded into the team's own Playwright Test by NODE_OPTIONS=--require: sets the run's options, slows the
// browser's network down, and writes what its pages saw. No spec and no configuration of the team changes.
'use strict';

const asked = JSON.parse(process.env.ANDON_GAP_ASKED || 'null');
if (asked && !process.env.ANDON_GAP_OFF) {
  try {
    require('./arguments.cjs').setArguments(asked);
    require('./pages.cjs').attend(asked);
  } catch (error) {
    // Never the reason why the team's tests do not run.
    process.stderr.write(`andon: the suite could not be prepared: ${error && error.message}\n`);
  }
}
