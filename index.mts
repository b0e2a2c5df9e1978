/**
 * The front door for ECMAScript modules. `index.js` would do at run time; but
 * to TypeScript the default export of a CommonJS module is the whole module.
 */
export type * from "./index.js";
export { BatchPlugin, BatchPlugin as default } from "./index.js";
