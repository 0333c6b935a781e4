// Stands before a configuration in CommonJS.
'use strict';

const own = process.env.ANDON_GAP_CONFIG || '';
module.exports = require('./shape.cjs').shaped(own ? require(own) : {}, own);
