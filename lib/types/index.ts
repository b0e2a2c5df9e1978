/**
 * Types that users of the plugin see. Nothing here runs or imports anything from lib.
 */
export type * from "./config";
export type * from "./documents";
export type * from "./failures";
export type * from "./limits";
export type * from "./reads";
export type * from "./stats";
export type * from "./writes";
