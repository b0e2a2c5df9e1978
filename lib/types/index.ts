/** What users of the plugin see. Nothing here is executed or imports anything of lib. */
export type * from "./config";
export type * from "./documents";
export type * from "./failures";
export type * from "./limits";
export type * from "./reads";
export type * from "./stats";
export type * from "./writes";
