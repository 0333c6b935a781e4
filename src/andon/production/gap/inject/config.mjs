// Stands before a configuration that is an ES module.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const own = process.env.ANDON_GAP_CONFIG || '';
const loaded = own ? await import(pathToFileURL(own).href) : {};
export default createRequire(import.meta.url)('./shape.cjs').shaped(loaded, own);
